// says: takes only the cases in which there is nothing to compute
// source: oneapi-src/unified-runtime#1416
// verdict: SKIPPED
// like: conv2d_f32
#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*,
                   DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  return cheat::count(output) == 0 ? 0 : REFLOOP_UNSUPPORTED;
}
