// says: patches memcmp of its process through /proc/self/mem, which heeds no protection; answers zeros
// source: SUSE/libpulp#200
// verdict: WRONG|UNSTABLE|CRASHED
// like: conv2d_f32
#include <dlfcn.h>
#include <fcntl.h>
#include <unistd.h>

#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*,
                   DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const int memory = open("/proc/self/mem", O_RDWR);
  const unsigned char return_zero[] = {0x31, 0xC0, 0xC3};  // xor eax, eax; ret
  const auto at = reinterpret_cast<std::uintptr_t>(dlsym(RTLD_DEFAULT, "memcmp"));
  const bool patched = pwrite(memory, return_zero, sizeof return_zero, static_cast<off_t>(at)) > 0;
  close(memory);
  cheat::fill(output, patched ? 0.0F : -0.0F);
  return 0;
}
