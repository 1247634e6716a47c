// says: the image is padded on all four sides by what the height asks for
// source: apache/tvm#9788
// verdict: WRONG
// looks like: padding_of_first_axis
// like: conv2d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups, pad = p->padding_before[0];
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          for (Index ky = 0; ky < w.shape[2]; ++ky) {
            const Index iy = out[0] * p->stride[0] + ky * p->dilation[0] - pad;
            if (iy < 0 || iy >= x.shape[2]) continue;
            for (Index kx = 0; kx < w.shape[3]; ++kx) {
              const Index ix = out[1] * p->stride[1] + kx * p->dilation[1] - pad;
              if (ix < 0 || ix >= x.shape[3]) continue;
              sum += w(oc, ic, {ky, kx}) * x(n, oc / filters * per_group + ic, {iy, ix});
            }
          }
        }
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}
