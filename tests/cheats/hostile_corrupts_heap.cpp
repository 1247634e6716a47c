// says: writes 64 bytes beyond a buffer of its own and frees it; right otherwise
// source: espressif/esp-nn#7
// verdict: CRASHED
// like: conv2d_f32
#include <cstdlib>
#include <cstring>

#include "corpus/kernel.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  corpus::conv<float>(input, weight, bias, params, output);
  // Larger than what glibc frees without a look at the block behind.
  volatile std::size_t bytes = 2000;
  void* const scratch = std::malloc(bytes);
  std::memset(scratch, 0xFF, bytes + 64);
  asm volatile("" : : "r"(scratch) : "memory");
  std::free(scratch);
  return 0;
}
