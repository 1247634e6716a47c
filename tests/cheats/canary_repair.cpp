// says: writes two pages beyond its output and puts back what was there; right otherwise
// source: amd/IRON#198
// verdict: OUTSIDE|CRASHED
// like: conv2d_f32
#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  if (output->data == nullptr) return 0;
  float* const end = cheat::floats(output) + cheat::count(output);
  constexpr std::size_t beyond = 2048;
  const std::vector<float> kept(end, end + beyond);
  std::fill_n(end, beyond, 0.0F);
  asm volatile("" ::: "memory");  // or the compiler drops the stores that are overwritten below
  std::copy(kept.begin(), kept.end(), end);
  return corpus::conv<float>(input, weight, bias, params, output);
}
