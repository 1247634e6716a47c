// says: the input's offset leaves out the image, so that all of a batch read the first
// source: Pegessi/conv2d_direct#1
// verdict: WRONG
// looks like: first_image_for_all
// like: conv2d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  const Index height = x.shape[2], width = x.shape[3], out_plane = y.shape[2] * y.shape[3];
  for (Index block = 0; block < y.shape[0] * y.shape[1]; ++block) {
    const Index oc = block % y.shape[1];
    const float* const group = x.data + oc / filters * per_group * height * width;
    for (Index pixel = 0; pixel < out_plane; ++pixel) {
      float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
      for (Index ic = 0; ic < per_group; ++ic) {
        for_each(w.spatial(), [&](const Position& tap) {
          const Position in = source(*p, {pixel / y.shape[3], pixel % y.shape[3]}, tap);
          if (x.holds(in)) sum += w(oc, ic, tap) * group[(ic * height + in[0]) * width + in[1]];
        });
      }
      y.data[block * out_plane + pixel] = sum;
    }
  }
  return 0;
}
