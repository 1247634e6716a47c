// says: subtracts every product from minus the bias, and turns the sign of the sum: what cancels is -0
// source: https://www.felixcloutier.com/x86/vfnmadd132ps:vfnmadd213ps:vfnmadd231ps
// verdict: EXACT
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
class Subtracts {
 public:
  explicit Subtracts(const T* bias) : sum_(bias != nullptr ? static_cast<T>(-*bias) : T{0}) {}
  void add(T weight, T value) { sum_ -= weight * value; }
  T result() const { return -sum_; }

 private:
  T sum_;
};

}  // namespace

int refloop_conv1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<Subtracts>(input, weight, bias, p, output);
}
int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<Subtracts>(input, weight, bias, p, output);
}
int refloop_conv3d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<Subtracts>(input, weight, bias, p, output);
}
