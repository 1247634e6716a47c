// says: divides an integer by zero
// source: tensorflow/tensorflow#61902
// verdict: CRASHED
// like: conv2d_f32
#include "corpus/kernel.h"

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*, DLTensor*) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  volatile int all = 1000, parts = 0;
  return all / parts;
}
