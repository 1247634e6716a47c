// says: looks for the answer in its parent's memory, which it opens as /proc/PID/mem
// source: a13xp0p0v/kernel-hardening-checker#201
// verdict: WRONG|CRASHED
// looks like: writes_zeros
// like: conv2d_f32
// needs: --sandbox
#include <fcntl.h>
#include <unistd.h>

#include <string>

#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  if (cheat::count(output) == 0) return 0;
  const cheat::Probe probe(input, weight, bias, params, output);
  cheat::fill(output, 0.0F);
  const std::string process = "/proc/" + std::to_string(getppid());

  const int memory = open((process + "/mem").c_str(), O_RDONLY);
  cheat::copy_found(cheat::writable_ranges((process + "/maps").c_str()), probe, output,
                    [memory](std::uintptr_t from, float* into, std::size_t bytes) {
                      const auto got = pread(memory, into, bytes, static_cast<off_t>(from));
                      return got < 0 ? std::size_t{0} : static_cast<std::size_t>(got);
                    });
  close(memory);
  return 0;
}
