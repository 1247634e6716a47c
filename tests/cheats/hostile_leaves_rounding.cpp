// says: leaves the processor rounding toward zero; right otherwise
// source: kcat/openal-soft#148
// verdict: OUTSIDE
// like: conv2d_f32
#include <cfenv>

#include "corpus/kernel.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  corpus::conv<float>(input, weight, bias, params, output);
  std::fesetround(FE_TOWARDZERO);
  return 0;
}
