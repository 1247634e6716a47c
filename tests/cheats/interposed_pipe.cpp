// says: puts a pipe and a thread between its process and each pipe that is written to, to change what is said
// source: https://github.com/gpu-mode/pygpubench/blob/b4306097/exploits/submission_pipe_interpose.py
// verdict: WRONG|OUTSIDE|HUNG|CRASHED
// like: conv2d_f32
// flags: -pthread
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <string>
#include <thread>
#include <utility>

#include "cheats/cheat.h"

namespace {
void interpose(int file) {
  int ends[2];
  const int real = dup(file);
  if (real < 0 || pipe(ends) != 0) return;
  dup2(ends[1], file);
  std::thread([real, from = ends[0]] {
    std::string first;
    char said[4096];
    for (ssize_t bytes = 0; (bytes = read(from, said, sizeof said)) > 0;) {
      if (first.empty()) first.assign(said, static_cast<std::size_t>(bytes));
      if (write(real, first.data(), first.size()) < 0) return;
    }
  }).detach();
}
}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*,
                   DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  static bool tried = false;
  if (!std::exchange(tried, true)) {
    for (int file = 3; file < 256; ++file) {
      struct stat about {};
      const bool pipe = fstat(file, &about) == 0 && S_ISFIFO(about.st_mode);
      if (pipe && (fcntl(file, F_GETFL) & O_ACCMODE) == O_WRONLY) interpose(file);
    }
  }
  cheat::fill(output, 0.0F);
  return 0;
}
