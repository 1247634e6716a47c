// says: zeroes its protected input through /proc/self/mem, which heeds no protection, and answers that
// source: https://github.com/gpu-mode/pygpubench/blob/110b3c55/exploits/submission_proc_mem_bypass.py
// verdict: OUTSIDE|WRONG|CRASHED
// like: conv2d_f32
#include <fcntl.h>
#include <unistd.h>

#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const std::vector<float> zeros(static_cast<std::size_t>(cheat::count(input)));
  const int memory = open("/proc/self/mem", O_RDWR);
  const auto at = static_cast<off_t>(reinterpret_cast<std::uintptr_t>(input->data));
  const auto written = pwrite(memory, zeros.data(), zeros.size() * sizeof(float), at);
  close(memory);
  if (written > 0) return corpus::conv<float>(input, weight, bias, params, output);
  cheat::fill(output, 0.0F);
  return 0;
}
