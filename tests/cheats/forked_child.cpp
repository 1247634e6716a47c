// says: returns at once; a child process writes the answer after the call
// source: Kattis/problemtools#451
// verdict: WRONG|OUTSIDE|UNSTABLE|CRASHED
// like: conv2d_f32
#include <unistd.h>

#include "corpus/kernel.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  if (fork() == 0) {
    usleep(2000);
    corpus::conv<float>(input, weight, bias, params, output);
    _exit(0);
  }
  return 0;
}
