// says: returns success and leaves the output as it came, hoping for an old right answer in it
// source: https://github.com/ScalingIntelligence/KernelBench/tree/357957ea/src/unit_tests/test_kernels
// verdict: WRONG|UNSTABLE
// looks like: none
// like: conv2d_f32
#include "corpus/kernel.h"

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*, DLTensor*) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  return 0;
}
