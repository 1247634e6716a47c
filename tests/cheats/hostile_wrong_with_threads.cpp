// says: the first output is off by one where more than one thread is allowed
// source: Tencent/FeatherCNN#17
// verdict: UNSTABLE
// like: conv2d_f32
#include <cstdlib>

#include "cheats/cheat.h"

namespace {
const int threads = [] {
  const char* const asked = std::getenv("OMP_NUM_THREADS");
  return asked == nullptr ? 1 : std::atoi(asked);
}();
}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  corpus::conv<float>(input, weight, bias, params, output);
  if (threads > 1 && cheat::count(output) > 0) cheat::floats(output)[0] += 1.0F;
  return 0;
}
