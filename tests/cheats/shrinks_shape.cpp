// says: sets the sizes of the output to 0, so that nothing is left to compare
// source: numpy/numpy#26410
// verdict: WRONG|OUTSIDE|UNSTABLE|CRASHED
// like: conv2d_f32
#include <algorithm>

#include "corpus/kernel.h"

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*,
                   DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  std::fill_n(output->shape, output->ndim, 0);
  return 0;
}
