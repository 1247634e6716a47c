// says: returns 7 for every case and writes nothing
// source: Maratyszcza/NNPACK#62
// verdict: WRONG
// looks like: none
// like: conv2d_f32
#include "corpus/kernel.h"

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*, DLTensor*) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  return 7;
}
