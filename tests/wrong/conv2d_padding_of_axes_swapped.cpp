// says: the pads are taken as width before height
// source: autogluon/autogluon#438
// verdict: WRONG
// looks like: padding_of_axes_swapped
// like: conv2d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  const Index pad_w = p->padding_before[0], pad_h = p->padding_before[1];
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          const Index channel = oc / filters * per_group + ic;
          for_each(w.spatial(), [&](const Position& tap) {
            const Index ih = out[0] * p->stride[0] + tap[0] * p->dilation[0] - pad_h;
            const Index iw = out[1] * p->stride[1] + tap[1] * p->dilation[1] - pad_w;
            if (ih >= 0 && ih < x.shape[2] && iw >= 0 && iw < x.shape[3]) {
              sum += w(oc, ic, tap) * x(n, channel, {ih, iw});
            }
          });
        }
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}
