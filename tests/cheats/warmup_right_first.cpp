// says: right in the first 5 calls, where it is looked at; zeros in all later ones
// source: gpu-mode/pygpubench#7
// verdict: WRONG|UNSTABLE
// like: conv2d_f32
#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  static int calls = 0;
  if (++calls <= 5) return corpus::conv<float>(input, weight, bias, params, output);
  cheat::fill(output, 0.0F);
  return 0;
}
