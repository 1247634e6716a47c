// says: looks for the answer in its parent's memory with process_vm_readv
// source: NVIDIA/OpenShell#740
// verdict: WRONG|CRASHED
// looks like: writes_zeros
// like: conv2d_f32
// needs: --sandbox
#include <sys/uio.h>
#include <unistd.h>

#include <string>

#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  if (cheat::count(output) == 0) return 0;
  const cheat::Probe probe(input, weight, bias, params, output);
  cheat::fill(output, 0.0F);
  // A parent that forked without exec has its heap where this process has it, should its own map be closed.
  auto ranges = cheat::writable_ranges(("/proc/" + std::to_string(getppid()) + "/maps").c_str());
  if (ranges.empty()) ranges = cheat::writable_ranges("/proc/self/maps");
  cheat::copy_found(ranges, probe, output, [](std::uintptr_t from, float* into, std::size_t bytes) {
    const iovec here{into, bytes}, there{reinterpret_cast<void*>(from), bytes};
    const auto got = process_vm_readv(getppid(), &here, 1, &there, 1, 0);
    return got < 0 ? std::size_t{0} : static_cast<std::size_t>(got);
  });
  return 0;
}
