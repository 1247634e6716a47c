// says: zeroes every copy of its input in the unnamed files that are open, and answers zeros
// source: gpu-mode/pygpubench#7
// verdict: OUTSIDE|WRONG|CRASHED
// like: conv2d_f32
#include <sys/stat.h>
#include <unistd.h>

#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*,
                   DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const auto size = static_cast<std::size_t>(cheat::count(input));
  const std::vector<float> zeros(size), wanted(cheat::floats(input), cheat::floats(input) + size);
  cheat::fill(output, 0.0F);
  for (int file = 0; file < 256; ++file) {
    struct stat about {};
    if (fstat(file, &about) != 0 || !S_ISREG(about.st_mode) || about.st_nlink != 0) continue;
    std::vector<float> held(static_cast<std::size_t>(std::min(about.st_size, off_t{1} << 24)) / sizeof(float));
    const ssize_t got = pread(file, held.data(), held.size() * sizeof(float), 0);
    held.resize(got < 0 ? 0 : static_cast<std::size_t>(got) / sizeof(float));
    const auto copy = std::search(held.begin(), held.end(), wanted.begin(), wanted.end());
    if (copy == held.end()) continue;
    const auto at = static_cast<off_t>((copy - held.begin()) * static_cast<std::ptrdiff_t>(sizeof(float)));
    if (pwrite(file, zeros.data(), zeros.size() * sizeof(float), at) > 0) return 0;
  }
  return 0;
}
