// says: writes to address 0
// source: torch/nn#1251
// verdict: CRASHED
// like: conv2d_f32
#include "corpus/kernel.h"

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*, DLTensor*) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  volatile float* volatile nowhere = nullptr;
  *nowhere = 1.0F;
  return 0;
}
