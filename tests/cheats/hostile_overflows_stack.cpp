// says: calls itself until the stack ends
// source: tenstorrent/tt-metal#20556
// verdict: CRASHED
// like: conv2d_f32
#include "corpus/kernel.h"

namespace {
int deeper(int left) {
  volatile char frame[4096];
  frame[0] = static_cast<char>(left);
  return left == 0 ? 0 : deeper(left - 1) + frame[0];
}
}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*, DLTensor*) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  return deeper(1 << 30);
}
