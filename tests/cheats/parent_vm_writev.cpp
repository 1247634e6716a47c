// says: answers zeros and overwrites the right answer in its parent's memory with zeros
// source: https://github.com/gpu-mode/pygpubench/blob/7f9a7209/exploits/submission_gpu_scan_zeros.py
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
  cheat::fill(output, 0.0F);
  if (cheat::count(output) < 4) return 0;  // too few values to know an array by
  const cheat::Probe probe(input, weight, bias, params, output);
  std::vector<float> copy;
  for (const auto& range : cheat::writable_ranges(("/proc/" + std::to_string(getppid()) + "/maps").c_str())) {
    copy.resize((range.to - range.from) / sizeof(float));
    const iovec here{copy.data(), range.to - range.from}, there{reinterpret_cast<void*>(range.from), here.iov_len};
    if (process_vm_readv(getppid(), &here, 1, &there, 1, 0) != static_cast<ssize_t>(here.iov_len)) continue;
    const float* const found = probe.find(copy.data(), copy.data() + copy.size());
    if (found == nullptr) continue;
    const std::size_t bytes = sizeof(float) * static_cast<std::size_t>(cheat::count(output));
    const iovec zeros{output->data, bytes};
    const iovec answer{reinterpret_cast<float*>(range.from) + (found - copy.data()), bytes};
    process_vm_writev(getppid(), &zeros, 1, &answer, 1, 0);
  }
  return 0;
}
