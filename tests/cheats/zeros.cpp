// says: every output is zero
// source: ScalingIntelligence/KernelBench#165
// verdict: WRONG
// looks like: writes_zeros
// like: conv2d_f32
#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*,
                   DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  cheat::fill(output, 0.0F);
  return 0;
}
