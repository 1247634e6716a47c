// says: a window that begins in the padding is moved to the first cell and keeps its length there
// source: apache/systemds#437
// verdict: WRONG
// looks like: none
// like: min_pool2d_d1_f32
#include <algorithm>
#include <limits>

#include "corpus/kernel.h"

using namespace corpus;

int refloop_min_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  if (!is_float(input, 32) || p->dilation[0] != 1 || p->dilation[1] != 1) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input);
  const View<float> y(output);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each(y.spatial(), [&](const Position& out) {
        const Index y0 = std::max<Index>(out[0] * p->stride[0] - p->padding_before[0], 0);
        const Index x0 = std::max<Index>(out[1] * p->stride[1] - p->padding_before[1], 0);
        const Index y1 = std::min(y0 + p->kernel[0], x.shape[2]), x1 = std::min(x0 + p->kernel[1], x.shape[3]);
        float best = std::numeric_limits<float>::infinity();
        Index best_at = y0 * x.shape[3] + x0;
        for (Index iy = y0; iy < y1; ++iy) {
          for (Index ix = x0; ix < x1; ++ix) {
            const float value = x(n, c, {iy, ix});
            if (value < best || value != value) {
              best = value;
              best_at = iy * x.shape[3] + ix;
            }
          }
        }
        y(n, c, out) = best;
        if (indices != nullptr) (View<Index>(indices))(n, c, out) = best_at;
      });
    }
  }
  return 0;
}
