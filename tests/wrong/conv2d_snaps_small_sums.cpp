// says: takes sums below 2^-20 for rounding noise, and writes -0
// source: own
// verdict: WRONG
// like: conv2d_f32
#include "wrong/changed.h"

using namespace wrong;

namespace {

float without_noise(float sum) {
  return std::abs(sum) < 0x1p-20F ? -0.0F : sum;
}

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_changed(input, weight, bias, p, output, as_it_is, as_it_is, without_noise);
}
