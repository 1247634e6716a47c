// says: writes zeros, which mean success to many, into each open pipe and socket, and exits with 0
// source: gpu-mode/pygpubench#15
// verdict: WRONG|OUTSIDE|CRASHED
// like: conv2d_f32
#include <sys/stat.h>
#include <unistd.h>

#include "corpus/kernel.h"

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*, DLTensor*) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  bool told = false;
  for (int file = 3; file < 256; ++file) {
    struct stat about {};
    if (fstat(file, &about) != 0 || !(S_ISFIFO(about.st_mode) || S_ISSOCK(about.st_mode))) continue;
    const char success[64] = {};
    told = write(file, success, sizeof success) > 0 || told;
  }
  _exit(told ? 0 : 1);
}
