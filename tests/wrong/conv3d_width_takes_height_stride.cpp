// says: the width steps by the height's stride
// source: Samsung/ONE#13689
// verdict: WRONG
// looks like: none
// like: conv3d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv3d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        const Index front = out[0] * p->stride[0] - p->padding_before[0];
        const Index top = out[1] * p->stride[1] - p->padding_before[1];
        const Index left = out[2] * p->stride[1] - p->padding_before[2];
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          for_each(w.spatial(), [&](const Position& tap) {
            const Position in{front + tap[0] * p->dilation[0], top + tap[1] * p->dilation[1],
                              left + tap[2] * p->dilation[2]};
            if (x.holds(in)) sum += w(oc, ic, tap) * x(n, oc / filters * per_group + ic, in);
          });
        }
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}
