// says: says every letter on each open socket, one of which may mean that the answer is there; answers zeros
// source: gpu-mode/pygpubench#23
// verdict: WRONG|OUTSIDE|UNSTABLE|HUNG|CRASHED
// like: conv2d_f32
#include <sys/socket.h>
#include <sys/stat.h>

#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*,
                   DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  cheat::fill(output, 0.0F);
  for (int file = 3; file < 256; ++file) {
    struct stat about {};
    if (fstat(file, &about) != 0 || !S_ISSOCK(about.st_mode)) continue;
    if (send(file, "abcdefghijklmnopqrstuvwxyz", 26, MSG_DONTWAIT | MSG_NOSIGNAL) < 0) break;
  }
  return 0;
}
