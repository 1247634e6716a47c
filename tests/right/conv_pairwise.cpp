// says: adds the products in pairs, the sums of pairs in pairs, and so on; the bias last
// source: https://github.com/numpy/numpy/blob/main/numpy/_core/src/umath/loops_utils.h.src
// verdict: EXACT
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
class InPairs {
 public:
  explicit InPairs(const T* bias) : bias_(bias != nullptr ? *bias : T{0}) {}
  void add(T weight, T value) { products_.push_back(weight * value); }
  T result() const { return bias_ + sum_of(0, products_.size()); }

 private:
  T sum_of(std::size_t first, std::size_t count) const {
    if (count == 0) return T{0};
    if (count == 1) return products_[first];
    return sum_of(first, count / 2) + sum_of(first + count / 2, count - count / 2);
  }

  T bias_;
  std::vector<T> products_;
};

}  // namespace

int refloop_conv1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<InPairs>(input, weight, bias, p, output);
}
int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<InPairs>(input, weight, bias, p, output);
}
int refloop_conv3d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<InPairs>(input, weight, bias, p, output);
}
