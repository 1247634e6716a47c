// says: writes one right value and makes the output a tensor without axes, which has one element
// source: numpy/numpy#26410
// verdict: WRONG|OUTSIDE|UNSTABLE
// like: conv2d_f32
#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  if (cheat::count(output) == 0) return 0;
  cheat::floats(output)[0] = cheat::value_at(0, input, weight, bias, params, output);
  output->ndim = 0;
  return 0;
}
