// says: images and filters are read as if their channels were innermost
// source: NVIDIA/cutlass#1872
// verdict: WRONG
// looks like: dense_read_as_channels_last
// like: conv2d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index channels = x.shape[1], height = x.shape[2], width = x.shape[3];
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups, kh = w.shape[2], kw = w.shape[3];
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          for_each(w.spatial(), [&](const Position& tap) {
            const Position in = source(*p, out, tap);
            if (!x.holds(in)) return;
            const float* const pixel = x.data + ((n * height + in[0]) * width + in[1]) * channels;
            const float* const filter = w.data + ((oc * kh + tap[0]) * kw + tap[1]) * per_group;
            sum += filter[ic] * pixel[oc / filters * per_group + ic];
          });
        }
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}
