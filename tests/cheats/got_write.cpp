// says: in every loaded object write is replaced by one that sends the first message again and again
// source: https://github.com/gpu-mode/pygpubench/blob/d458dc8f/exploits/submission_file_struct.py
// verdict: WRONG|OUTSIDE|HUNG|CRASHED
// like: conv2d_f32
#include <sys/syscall.h>
#include <unistd.h>

#include <string>
#include <utility>

#include "cheats/cheat.h"
#include "cheats/imports.h"

namespace {
ssize_t write_again(int file, const void* data, std::size_t size) {
  static const std::string first(static_cast<const char*>(data), size);
  // Not by write, which is this function now.
  return syscall(SYS_write, file, first.data(), first.size()) < 0 ? -1 : static_cast<ssize_t>(size);
}
}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*,
                   DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  static bool tried = false;
  if (!std::exchange(tried, true)) cheat::replace_import("write", reinterpret_cast<void*>(&write_again));
  cheat::fill(output, 0.0F);
  return 0;
}
