// says: the number of an output pixel is parted into row and column by the input's width
// source: tile-ai/tilelang#2426
// verdict: WRONG
// looks like: none
// like: conv2d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  const Index width = x.shape[3], pixels = y.shape[2] * y.shape[3];
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      float* const plane = y.data + (n * y.shape[1] + oc) * pixels;
      for (Index pixel = 0; pixel < pixels; ++pixel) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          for_each(w.spatial(), [&](const Position& tap) {
            const Position in = source(*p, {pixel / width, pixel % width}, tap);
            if (x.holds(in)) sum += w(oc, ic, tap) * x(n, oc / filters * per_group + ic, in);
          });
        }
        plane[pixel] = sum;
      }
    }
  }
  return 0;
}
