// says: sends SIGTERM to its own process
// source: DMOJ/judge-server#588
// verdict: CRASHED
// like: conv2d_f32
#include <signal.h>

#include "corpus/kernel.h"

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*, DLTensor*) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  raise(SIGTERM);
  return 0;
}
