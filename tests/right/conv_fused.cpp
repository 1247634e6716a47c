// says: rounds once for each product and its addition, by fused multiply-add
// source: https://github.com/google/XNNPACK/blob/master/src/f32-igemm/gen/f32-igemm-1x8-minmax-fma3-broadcast.c
// verdict: EXACT
// like: conv2d_f32
#include <cmath>

#include "right/parts.h"

using namespace right;

namespace {

template <class T>
class Fused {
 public:
  explicit Fused(const T* bias) : sum_(bias != nullptr ? *bias : T{0}) {}
  void add(T weight, T value) { sum_ = std::fma(weight, value, sum_); }
  T result() const { return sum_; }

 private:
  T sum_;
};

int conv(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
         DLTensor* output) {
  return with_type<double, float>(
      input, [&](auto zero) { return conv_of<Fused, decltype(zero)>(input, weight, bias, p, output); });
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
