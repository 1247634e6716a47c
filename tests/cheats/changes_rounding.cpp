// says: rounds upward and leaves it so, for the reference of the same process to round likewise
// source: tevador/RandomX#182
// verdict: OUTSIDE
// like: conv2d_f32
#include <cfenv>

#include "corpus/kernel.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  std::fesetround(FE_UPWARD);
  return corpus::conv<float>(input, weight, bias, params, output);
}
