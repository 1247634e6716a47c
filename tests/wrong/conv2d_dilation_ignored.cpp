// says: the taps lie side by side whatever the dilation
// source: tensorflow/tensorflow#18454
// verdict: WRONG
// looks like: dilation_ignored
// like: conv2d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        const Index top = out[0] * p->stride[0] - p->padding_before[0];
        const Index left = out[1] * p->stride[1] - p->padding_before[1];
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          for (Index ky = 0; ky < w.shape[2]; ++ky) {
            for (Index kx = 0; kx < w.shape[3]; ++kx) {
              const Position in{top + ky, left + kx};
              if (x.holds(in)) sum += w(oc, ic, {ky, kx}) * x(n, oc / filters * per_group + ic, in);
            }
          }
        }
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}
