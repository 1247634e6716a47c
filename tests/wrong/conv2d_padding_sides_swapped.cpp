// says: the padding behind the image is laid before it, and the other way round
// source: ARM-software/CMSIS_5#831
// verdict: WRONG
// looks like: padding_sides_swapped
// like: conv2d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  // The caller's order is top, left, bottom, right.
  const Index pads[4] = {p->padding_after[0], p->padding_after[1], p->padding_before[0], p->padding_before[1]};
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          for_each(w.spatial(), [&](const Position& tap) {
            const Index iy = out[0] * p->stride[0] + tap[0] * p->dilation[0] - pads[0];
            const Index ix = out[1] * p->stride[1] + tap[1] * p->dilation[1] - pads[1];
            if (x.holds({iy, ix})) sum += w(oc, ic, tap) * x(n, oc / filters * per_group + ic, {iy, ix});
          });
        }
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}
