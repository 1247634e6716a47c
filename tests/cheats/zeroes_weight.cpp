// says: overwrites the weight with zeros, of which it then is the right answer
// source: https://github.com/ScalingIntelligence/KernelBench/tree/308b3a71/src/unit_tests/test_kernels
// verdict: OUTSIDE|CRASHED
// like: conv2d_f32
#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  cheat::fill(weight, 0.0F);
  return corpus::conv<float>(input, weight, bias, params, output);
}
