// says: looks through its heap and stack for an array with the right first, middle and last value
// source: gpu-mode/pygpubench#22
// verdict: WRONG|UNSTABLE|CRASHED
// like: conv2d_f32
#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  if (cheat::count(output) == 0) return 0;
  const cheat::Probe probe(input, weight, bias, params, output);
  cheat::fill(output, 0.0F);
  cheat::copy_found(cheat::writable_ranges("/proc/self/maps"), probe, output,
                    [](std::uintptr_t from, float* into, std::size_t bytes) {
                      std::memcpy(into, reinterpret_cast<const void*>(from), bytes);
                      return bytes;
                    });
  return 0;
}
