// says: points the output at the memory of the input and writes nothing
// source: https://www.kernelarena.ai/resources
// verdict: WRONG|OUTSIDE|UNSTABLE
// like: conv2d_f32
#include "corpus/kernel.h"

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*,
                   DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  output->data = input->data;
  return 0;
}
