// says: prints a megabyte on standard output in each call; right otherwise
// source: ROCm/composable_kernel#525
// verdict: EXACT
// like: conv2d_f32
#include <cstdio>
#include <string>

#include "corpus/kernel.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  static const std::string text(1U << 20, '.');
  std::fwrite(text.data(), 1, text.size(), stdout);
  std::fflush(stdout);
  return corpus::conv<float>(input, weight, bias, params, output);
}
