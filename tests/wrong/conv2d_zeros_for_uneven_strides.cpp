// says: padded images with another stride in height than in width come out as zeros
// source: google-ai-edge/LiteRT#9256
// verdict: WRONG
// looks like: writes_zeros
// like: conv2d_f32
#include <algorithm>

#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const bool padded = p->padding_before[0] + p->padding_after[0] + p->padding_before[1] + p->padding_after[1] > 0;
  if (!padded || p->stride[0] == p->stride[1]) return conv<float>(input, weight, bias, p, output);
  // No kernel was prepared for these, and the buffer that was cleared for one is what comes out.
  const View<float> y(output);
  std::fill_n(y.data, y.shape[0] * y.shape[1] * y.shape[2] * y.shape[3], 0.0F);
  return 0;
}
