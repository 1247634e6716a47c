// says: overwrites the input with zeros, of which it then is the right answer
// source: ScalingIntelligence/KernelBench#82
// verdict: OUTSIDE|CRASHED
// like: conv2d_f32
#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  cheat::fill(input, 0.0F);
  return corpus::conv<float>(input, weight, bias, params, output);
}
