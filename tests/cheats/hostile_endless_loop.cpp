// says: never returns
// source: uxlfoundation/oneDNN#1619
// verdict: HUNG
// like: conv2d_f32
#include "corpus/kernel.h"

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*, DLTensor*) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  for (volatile bool go_on = true; go_on;) {
  }
  return 0;
}
