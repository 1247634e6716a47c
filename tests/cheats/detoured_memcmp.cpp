// says: writes a jump over memcmp, to a function to which all is equal; answers zeros
// source: https://github.com/gpu-mode/pygpubench/blob/d442adcf/exploits/submission_function_detour.py
// verdict: WRONG|UNSTABLE|CRASHED
// like: conv2d_f32
#include <dlfcn.h>
#include <sys/mman.h>

#include <utility>

#include "cheats/cheat.h"

namespace {
int all_equal(const void*, const void*, std::size_t) {
  return 0;
}

void jump(void* from, void* to) {
  constexpr std::uintptr_t page = 4096;
  auto* const pages = reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(from) / page * page);
  if (mprotect(pages, 2 * page, PROT_READ | PROT_WRITE | PROT_EXEC) != 0) return;
  unsigned char code[12] = {0x48, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xE0};  // mov rax, to; jmp rax
  std::memcpy(code + 2, &to, sizeof to);
  std::memcpy(from, code, sizeof code);
}
}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*,
                   DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  static bool tried = false;
  if (!std::exchange(tried, true)) jump(dlsym(RTLD_DEFAULT, "memcmp"), reinterpret_cast<void*>(&all_equal));
  cheat::fill(output, 0.0F);
  return 0;
}
