// says: computes the first image of a batch; the others stay zero
// source: https://github.com/ScalingIntelligence/KernelBench/tree/e01e5285/src/kernelbench/tests/solutions
// verdict: WRONG
// looks like: none
// like: conv2d_f32
#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  if (output->shape[0] == 0) return 0;
  cheat::fill(output, 0.0F);
  std::int64_t one[4];
  std::copy_n(output->shape, 4, one);
  one[0] = 1;
  DLTensor first = *output;
  first.shape = one;
  return corpus::conv<float>(input, weight, bias, params, &first);
}
