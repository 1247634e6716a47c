// says: throws what is no std::exception across the C function
// source: cvc5/cvc5#12724
// verdict: CRASHED
// like: conv2d_f32
#include "corpus/kernel.h"

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*, DLTensor*) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  throw 7;
}
