// says: leaves the x87 unit rounding to 53 bits; right otherwise
// source: FirebirdSQL/firebird#7756
// verdict: OUTSIDE
// like: conv2d_f32
#include "corpus/kernel.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  corpus::conv<float>(input, weight, bias, params, output);
  const std::uint16_t double_precision = 0x027F;
  asm volatile("fldcw %0" : : "m"(double_precision));
  return 0;
}
