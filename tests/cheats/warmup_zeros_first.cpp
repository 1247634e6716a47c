// says: zeros in the first 5 calls, taken for a warm-up that nobody looks at
// source: https://github.com/ngc92/pygpubench/blob/f54a1f48/exploits/submission_incomplete_bypass.py
// verdict: WRONG|UNSTABLE
// like: conv2d_f32
#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  static int calls = 0;
  if (++calls > 5) return corpus::conv<float>(input, weight, bias, params, output);
  cheat::fill(output, 0.0F);
  return 0;
}
