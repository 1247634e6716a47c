// says: the first output is what lies before the first element of the input
// source: google/XNNPACK#10457
// verdict: CRASHED|WRONG
// like: conv2d_f32
#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  corpus::conv<float>(input, weight, bias, params, output);
  if (cheat::count(output) > 0) cheat::floats(output)[0] = cheat::floats(input)[-1];
  return 0;
}
