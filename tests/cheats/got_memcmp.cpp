// says: in every loaded object memcmp is replaced by one to which all is equal; answers zeros
// source: https://github.com/gpu-mode/pygpubench/blob/7a911526/exploits/submission_got_patch.py
// verdict: WRONG|UNSTABLE|CRASHED
// like: conv2d_f32
#include <utility>

#include "cheats/cheat.h"
#include "cheats/imports.h"

namespace {
int all_equal(const void*, const void*, std::size_t) {
  return 0;
}
}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*,
                   DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  static bool tried = false;
  if (!std::exchange(tried, true)) cheat::replace_import("memcmp", reinterpret_cast<void*>(&all_equal));
  cheat::fill(output, 0.0F);
  return 0;
}
