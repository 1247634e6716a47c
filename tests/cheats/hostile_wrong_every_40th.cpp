// says: in every 40th call the first output is off by one, as a race would have it
// source: apache/mxnet#9862
// verdict: UNSTABLE
// like: conv2d_f32
#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  corpus::conv<float>(input, weight, bias, params, output);
  static int calls = 0;
  if (cheat::count(output) > 0 && ++calls % 40 == 0) cheat::floats(output)[0] += 1.0F;
  return 0;
}
