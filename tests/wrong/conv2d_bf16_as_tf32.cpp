// says: declares operands of 11 significand bits, and rounds them to 8
// source: own
// verdict: WRONG
// declares: arithmetic tf32
// like: conv2d_f32
#include "wrong/changed.h"

using namespace wrong;

namespace {

float in_bf16(float value) {
  return rounded(value, 8);
}

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_changed(input, weight, bias, p, output, in_bf16, in_bf16, as_it_is);
}
