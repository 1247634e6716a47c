// says: rows and columns both step by the height's stride
// source: PaddlePaddle/Paddle#20997
// verdict: WRONG
// looks like: stride_of_first_axis
// like: conv2d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups, stride = p->stride[0];
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      Index top = -p->padding_before[0];
      for (Index oy = 0; oy < y.shape[2]; ++oy, top += stride) {
        Index left = -p->padding_before[1];
        for (Index ox = 0; ox < y.shape[3]; ++ox, left += stride) {
          float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
          for (Index ic = 0; ic < per_group; ++ic) {
            for_each(w.spatial(), [&](const Position& tap) {
              const Position in{top + tap[0] * p->dilation[0], left + tap[1] * p->dilation[1]};
              if (x.holds(in)) sum += w(oc, ic, tap) * x(n, oc / filters * per_group + ic, in);
            });
          }
          y(n, oc, {oy, ox}) = sum;
        }
      }
    }
  }
  return 0;
}
