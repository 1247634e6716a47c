// says: every output is NaN, which a comparison by `difference > tolerance` lets pass
// source: tensara/tensara#87
// verdict: WRONG
// looks like: none
// like: conv2d_f32
#include <limits>

#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*,
                   DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  cheat::fill(output, std::numeric_limits<float>::quiet_NaN());
  return 0;
}
