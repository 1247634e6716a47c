// says: closes standard output; right otherwise
// source: greatscottgadgets/hackrf#748
// verdict: OUTSIDE
// like: conv2d_f32
#include <unistd.h>

#include "corpus/kernel.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  close(1);
  return corpus::conv<float>(input, weight, bias, params, output);
}
