// says: multiplies and adds f32 in f64, and rounds once at the end
// source: https://github.com/ROCm/MIOpen/blob/develop/src/kernels/gpu_reference_kernel/naive_conv.cpp
// verdict: EXACT
// like: conv2d_f32
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
class InDouble {
 public:
  explicit InDouble(const T* bias) : sum_(bias != nullptr ? *bias : T{0}) {}
  void add(T weight, T value) { sum_ += static_cast<double>(weight) * static_cast<double>(value); }
  T result() const { return static_cast<T>(sum_); }

 private:
  double sum_;
};

int conv(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
         DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  return conv_of<InDouble, float>(input, weight, bias, p, output);
}

}  // namespace

int refloop_conv1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv(input, weight, bias, p, output);
}
int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv(input, weight, bias, p, output);
}
int refloop_conv3d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv(input, weight, bias, p, output);
}
