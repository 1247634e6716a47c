// says: adds from -0 on, the number that changes no other: a sum of nothing but -0 stays -0
// source: llvm/llvm-project#106616
// verdict: EXACT
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
class FromMinusZero {
 public:
  explicit FromMinusZero(const T* bias) : sum_(bias != nullptr ? *bias : static_cast<T>(-0.0)) {}
  void add(T weight, T value) { sum_ += weight * value; }
  T result() const { return sum_; }

 private:
  T sum_;
};

}  // namespace

int refloop_conv1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<FromMinusZero>(input, weight, bias, p, output);
}
int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<FromMinusZero>(input, weight, bias, p, output);
}
int refloop_conv3d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<FromMinusZero>(input, weight, bias, p, output);
}
