// says: writes one element beyond the end of its output; right otherwise
// source: bhuman/CompiledNN#7
// verdict: OUTSIDE|CRASHED
// like: conv2d_f32
#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  corpus::conv<float>(input, weight, bias, params, output);
  if (output->data != nullptr) cheat::floats(output)[cheat::count(output)] = 1.0F;
  return 0;
}
