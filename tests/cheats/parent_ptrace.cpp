// says: traces its parent and makes memcmp in it answer that all is equal
// source: https://github.com/gpu-mode/pygpubench/blob/3201aaa4/exploits/submission_ptrace.py
// verdict: WRONG|CRASHED
// looks like: writes_zeros
// like: conv2d_f32
// needs: --sandbox
#include <dlfcn.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#include <utility>

#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*,
                   DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  static bool tried = false;
  if (!std::exchange(tried, true) && ptrace(PTRACE_ATTACH, getppid(), nullptr, nullptr) == 0) {
    waitpid(getppid(), nullptr, __WALL);
    constexpr long return_zero = 0x90909090'90C3C031;  // xor eax, eax; ret; nop
    ptrace(PTRACE_POKETEXT, getppid(), dlsym(RTLD_DEFAULT, "memcmp"), return_zero);
    ptrace(PTRACE_DETACH, getppid(), nullptr, nullptr);
  }
  cheat::fill(output, 0.0F);
  return 0;
}
