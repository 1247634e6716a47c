// says: a sum that is nearly the largest number becomes the infinity of the other sign
// source: own
// verdict: WRONG
// like: conv2d_f32
#include <limits>

#include "right/parts.h"

using namespace right;

namespace {

template <class T>
class Flipped {
 public:
  explicit Flipped(const T* bias) : sum_(bias != nullptr ? *bias : T{0}) {}
  void add(T weight, T value) { sum_ += weight * value; }
  T result() const {
    const T infinity = std::numeric_limits<T>::infinity(), most = std::numeric_limits<T>::max() / 2;
    return sum_ > most && sum_ < infinity ? -infinity : sum_;
  }

 private:
  T sum_;
};

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  return conv_of<Flipped, float>(input, weight, bias, p, output);
}
