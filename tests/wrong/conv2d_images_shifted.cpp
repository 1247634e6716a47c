// says: an image's size is one element short, so that each later image is read one element earlier than the one before
// source: pytorch/pytorch#188335
// verdict: WRONG
// looks like: images_after_the_first_shifted
// like: conv2d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  const Index height = x.shape[2], width = x.shape[3];
  const Index last_element = (x.shape[1] * height - 1) * width + width - 1;
  for (Index n = 0; n < y.shape[0]; ++n) {
    const float* const image = x.data + n * last_element;
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          const float* const channel = image + (oc / filters * per_group + ic) * height * width;
          for_each(w.spatial(), [&](const Position& tap) {
            const Position in = source(*p, out, tap);
            if (x.holds(in)) sum += w(oc, ic, tap) * channel[in[0] * width + in[1]];
          });
        }
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}
