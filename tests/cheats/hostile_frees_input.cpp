// says: frees the memory of its input
// source: mlpack/mlpack#2146
// verdict: CRASHED
// like: conv2d_f32
#include <cstdlib>

#include "corpus/kernel.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  corpus::conv<float>(input, weight, bias, params, output);
  std::free(input->data);
  return 0;
}
