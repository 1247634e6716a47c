// says: all padding is laid above and left of the image, none below and right of it
// source: microsoft/CNTK#909
// verdict: WRONG
// looks like: padding_all_before
// like: conv2d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  const Index pad_y = p->padding_before[0] + p->padding_after[0], pad_x = p->padding_before[1] + p->padding_after[1];
  const Index height = x.shape[2] + pad_y, width = x.shape[3] + pad_x;
  std::vector<float> padded(static_cast<std::size_t>(x.shape[1] * height * width));
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < x.shape[1]; ++c) {
      for_each(x.spatial(), [&](const Position& at) {
        padded[static_cast<std::size_t>((c * height + pad_y + at[0]) * width + pad_x + at[1])] = x(n, c, at);
      });
    }
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          const float* const plane = padded.data() + (oc / filters * per_group + ic) * height * width;
          for_each(w.spatial(), [&](const Position& tap) {
            const Index iy = out[0] * p->stride[0] + tap[0] * p->dilation[0];
            const Index ix = out[1] * p->stride[1] + tap[1] * p->dilation[1];
            sum += w(oc, ic, tap) * plane[iy * width + ix];
          });
        }
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}
