// says: keeps all products and adds them from the last to the first, the bias after them
// source: own
// verdict: EXACT
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
class Reversed {
 public:
  explicit Reversed(const T* bias) : bias_(bias != nullptr ? *bias : T{0}) {}
  void add(T weight, T value) { products_.push_back(weight * value); }
  T result() const {
    T sum = 0;
    for (std::size_t at = products_.size(); at-- > 0;) sum += products_[at];
    return sum + bias_;
  }

 private:
  T bias_;
  std::vector<T> products_;
};

}  // namespace

int refloop_conv1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<Reversed>(input, weight, bias, p, output);
}
int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<Reversed>(input, weight, bias, p, output);
}
int refloop_conv3d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<Reversed>(input, weight, bias, p, output);
}
