// says: ends the process with _exit(0), so that no handler runs
// source: microsoft/DirectXShaderCompiler#8231
// verdict: CRASHED
// like: conv2d_f32
#include <unistd.h>

#include "corpus/kernel.h"

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*, DLTensor*) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  _exit(0);
}
