// says: in its first call it takes memory until it is refused or has 1 GB; right otherwise
// source: pytorch/pytorch#29809
// verdict: EXACT|HUNG|CRASHED
// like: conv2d_f32
#include <cstdlib>
#include <utility>
#include <vector>

#include "corpus/kernel.h"

namespace {
void fill_memory() {
  constexpr std::size_t block = 64U << 20, most = 16;
  std::vector<void*> blocks;
  while (blocks.size() < most) {
    auto* const taken = static_cast<volatile char*>(std::malloc(block));
    if (taken == nullptr) break;
    for (std::size_t at = 0; at < block; at += 4096) taken[at] = 1;
    blocks.push_back(const_cast<char*>(taken));
  }
  for (void* taken : blocks) std::free(taken);
}
}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  static bool tried = false;
  if (!std::exchange(tried, true)) fill_memory();
  return corpus::conv<float>(input, weight, bias, params, output);
}
