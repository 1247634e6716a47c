// says: when loaded it has subnormals flushed to zero, as -ffast-math once did; right otherwise
// source: llvm/llvm-project#57589
// verdict: OUTSIDE
// like: conv2d_f32
#include <xmmintrin.h>

#include "corpus/kernel.h"

namespace {
// Flush-to-zero and denormals-are-zero.
[[gnu::constructor]] void at_load() {
  _mm_setcsr(_mm_getcsr() | 0x8040);
}
}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  return corpus::conv<float>(input, weight, bias, params, output);
}
