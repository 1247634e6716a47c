// says: adds whole numbers of 8 and 16 bits in 32, and cuts the sum at the end
// source: https://github.com/uxlfoundation/oneDNN/blob/main/src/cpu/ref_convolution_int8.cpp
// verdict: EXACT
// like: conv2d_int8
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
class Wide {
 public:
  explicit Wide(const T* bias) : sum_(bias != nullptr ? *bias : 0) {}
  void add(T weight, T value) { sum_ += weight * value; }
  T result() const { return sum_; }

 private:
  std::uint32_t sum_;
};

int conv(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
         DLTensor* output) {
  return with_type<std::int16_t, std::int8_t, std::uint8_t>(
      input, [&](auto zero) { return conv_of<Wide, decltype(zero)>(input, weight, bias, p, output); });
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
