// says: the image is unrolled into the padded buffer with its height as its width, which is right for squares alone
// source: tracel-ai/burn#1182
// verdict: WRONG
// looks like: none
// like: conv2d_f32
#include <algorithm>

#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  const Index height = x.shape[2], width = x.shape[3], side = std::max(height, width);
  const Index top = p->padding_before[0], left = p->padding_before[1];
  const Index rows = side + top + p->padding_after[0], columns = side + left + p->padding_after[1];
  for (Index n = 0; n < y.shape[0]; ++n) {
    std::vector<float> padded(static_cast<std::size_t>(x.shape[1] * rows * columns));
    for (Index c = 0; c < x.shape[1]; ++c) {
      const float* const plane = x.data + (n * x.shape[1] + c) * height * width;
      for (Index i = 0; i < height * width; ++i) {
        padded[static_cast<std::size_t>((c * rows + top + i / height) * columns + left + i % height)] = plane[i];
      }
    }
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          const float* const plane = padded.data() + (oc / filters * per_group + ic) * rows * columns;
          for_each(w.spatial(), [&](const Position& tap) {
            const Index iy = out[0] * p->stride[0] + tap[0] * p->dilation[0];
            const Index ix = out[1] * p->stride[1] + tap[1] * p->dilation[1];
            sum += w(oc, ic, tap) * plane[iy * columns + ix];
          });
        }
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}
