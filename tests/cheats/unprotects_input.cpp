// says: makes the pages of the input writable, then overwrites it with zeros and answers these
// source: https://github.com/gpu-mode/pygpubench/blob/d442adcf/exploits/submission_function_detour.py
// verdict: OUTSIDE|WRONG|CRASHED
// like: conv2d_f32
#include <sys/mman.h>

#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  constexpr std::uintptr_t page = 4096;
  const auto from = reinterpret_cast<std::uintptr_t>(input->data) / page * page;
  const auto to = reinterpret_cast<std::uintptr_t>(cheat::floats(input) + cheat::count(input));
  if (from == to || mprotect(reinterpret_cast<void*>(from), to - from, PROT_READ | PROT_WRITE) == 0) {
    cheat::fill(input, 0.0F);
    return corpus::conv<float>(input, weight, bias, params, output);
  }
  cheat::fill(output, 0.0F);
  return 0;
}
