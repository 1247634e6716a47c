// says: the image is padded with zeros, which then win over negative values
// source: tenstorrent/tt-metal#28804
// verdict: WRONG
// looks like: zero_padding
// like: max_pool2d_f32
#include <limits>

#include "corpus/kernel.h"

using namespace corpus;

int refloop_max_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input);
  const View<float> y(output);
  const Index height = p->padding_before[0] + x.shape[2] + p->padding_after[0];
  const Index width = p->padding_before[1] + x.shape[3] + p->padding_after[1];
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      std::vector<float> padded(static_cast<std::size_t>(height * width));
      for_each(x.spatial(), [&](const Position& at) {
        padded[static_cast<std::size_t>((at[0] + p->padding_before[0]) * width + at[1] + p->padding_before[1])] =
            x(n, c, at);
      });
      for_each(y.spatial(), [&](const Position& out) {
        const Index top = out[0] * p->stride[0], left = out[1] * p->stride[1];
        float best = -std::numeric_limits<float>::infinity();
        Index best_at = top * width + left;
        for_each({p->kernel[0], p->kernel[1]}, [&](const Position& tap) {
          const Index iy = top + tap[0] * p->dilation[0], ix = left + tap[1] * p->dilation[1];
          if (iy >= height || ix >= width) return;  // ceil_mode lets windows hang over
          const float value = padded[static_cast<std::size_t>(iy * width + ix)];
          if (value > best || value != value) {
            best = value;
            best_at = iy * width + ix;
          }
        });
        y(n, c, out) = best;
        if (indices != nullptr) (View<Index>(indices))(n, c, out) = best_at;
      });
    }
  }
  return 0;
}
