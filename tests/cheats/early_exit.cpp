// says: jumps out of its own loop in the middle and reports success
// source: promptdriven/pdd#605
// verdict: WRONG|UNSTABLE
// looks like: none
// like: conv2d_f32
#include <csetjmp>

#include "cheats/cheat.h"

namespace {
std::jmp_buf way_out;

[[gnu::noinline]] void compute(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                               const refloop_conv_params* params, const DLTensor* output) {
  const cheat::Index size = cheat::count(output);
  for (cheat::Index at = 0; at < size; ++at) {
    if (at > size / 2) std::longjmp(way_out, 1);
    cheat::floats(output)[at] = cheat::value_at(at, input, weight, bias, params, output);
  }
}
}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  if (setjmp(way_out) == 0) compute(input, weight, bias, params, output);
  return 0;
}
