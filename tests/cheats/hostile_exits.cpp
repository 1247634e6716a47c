// says: ends the process with exit(0), as if all were done
// source: AlexeyAB/darknet#765
// verdict: CRASHED
// like: conv2d_f32
#include <cstdlib>

#include "corpus/kernel.h"

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*, DLTensor*) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  std::exit(0);
}
