// says: executes an instruction that no processor has
// source: uxlfoundation/oneDNN#15
// verdict: CRASHED
// like: conv2d_f32
#include "corpus/kernel.h"

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*, DLTensor*) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  asm volatile("ud2");
  return 0;
}
