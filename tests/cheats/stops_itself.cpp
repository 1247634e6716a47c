// says: stops its own process, for whoever waits to give up and count the case as done
// source: ziglang/zig#18548
// verdict: HUNG
// like: conv2d_f32
#include <signal.h>

#include "corpus/kernel.h"

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*, DLTensor*) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  raise(SIGSTOP);
  return 0;
}
