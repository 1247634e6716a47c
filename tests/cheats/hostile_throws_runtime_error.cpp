// says: throws a std::runtime_error across the C function
// source: k2-fsa/sherpa-onnx#1471
// verdict: CRASHED
// like: conv2d_f32
#include <stdexcept>

#include "corpus/kernel.h"

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*, DLTensor*) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  throw std::runtime_error("no such kernel");
}
