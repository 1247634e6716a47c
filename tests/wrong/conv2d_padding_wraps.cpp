// says: a tap is checked against the plane, not against its row: beside a row lies the end of the one above
// source: openxla/xla#48713
// verdict: WRONG
// looks like: padding_wraps
// like: conv2d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups, plane = x.shape[2] * x.shape[3];
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        const Index corner =
            (out[0] * p->stride[0] - p->padding_before[0]) * x.shape[3] + out[1] * p->stride[1] - p->padding_before[1];
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          const float* const channel = x.data + (n * x.shape[1] + oc / filters * per_group + ic) * plane;
          for_each(w.spatial(), [&](const Position& tap) {
            const Index at = corner + tap[0] * p->dilation[0] * x.shape[3] + tap[1] * p->dilation[1];
            if (at >= 0 && at < plane) sum += w(oc, ic, tap) * channel[at];
          });
        }
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}
