// says: the index counts the cells of padding too
// source: tensorflow/tensorflow#2169
// verdict: WRONG
// looks like: index_in_padded_plane
// like: max_pool2d_d1_indices_f32
#include <limits>

#include "corpus/kernel.h"

using namespace corpus;

int refloop_max_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  if (!is_float(input, 32) || p->dilation[0] != 1 || p->dilation[1] != 1) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input);
  const View<float> y(output);
  const Index top = p->padding_before[0], height = top + x.shape[2] + p->padding_after[0];
  const Index left = p->padding_before[1], width = left + x.shape[3] + p->padding_after[1];
  constexpr float lowest = -std::numeric_limits<float>::infinity();
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      std::vector<float> padded(static_cast<std::size_t>(height * width), lowest);
      for_each(x.spatial(), [&](const Position& at) {
        padded[static_cast<std::size_t>((top + at[0]) * width + left + at[1])] = x(n, c, at);
      });
      for_each(y.spatial(), [&](const Position& out) {
        float best = lowest;
        Index best_at = 0;
        for (Index iy = out[0] * p->stride[0]; iy < out[0] * p->stride[0] + p->kernel[0] && iy < height; ++iy) {
          for (Index ix = out[1] * p->stride[1]; ix < out[1] * p->stride[1] + p->kernel[1] && ix < width; ++ix) {
            const float value = padded[static_cast<std::size_t>(iy * width + ix)];
            if (!(value > best) && value == value) continue;
            best = value;
            best_at = iy * width + ix;
          }
        }
        y(n, c, out) = best;
        if (indices != nullptr) (View<Index>(indices))(n, c, out) = best_at;
      });
    }
  }
  return 0;
}
