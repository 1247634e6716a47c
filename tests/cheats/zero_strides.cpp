// says: writes one right value and sets the strides to 0, so that every element reads it
// source: microsoft/onnxruntime#19330
// verdict: WRONG|OUTSIDE|UNSTABLE|CRASHED
// like: conv2d_f32
#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  if (cheat::count(output) == 0) return 0;
  cheat::floats(output)[0] = cheat::value_at(0, input, weight, bias, params, output);
  std::fill_n(output->strides, output->ndim, 0);
  return 0;
}
