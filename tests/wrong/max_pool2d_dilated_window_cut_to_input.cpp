// says: a dilated window that begins in the padding is moved to the first cell, between its taps
// source: microsoft/onnxruntime#29637
// verdict: WRONG
// looks like: none
// like: max_pool2d_f32
#include <algorithm>
#include <limits>

#include "corpus/kernel.h"

using namespace corpus;

int refloop_max_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input);
  const View<float> y(output);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each(y.spatial(), [&](const Position& out) {
        Index top = out[0] * p->stride[0] - p->padding_before[0];
        Index left = out[1] * p->stride[1] - p->padding_before[1];
        const Index bottom = std::min(top + (p->kernel[0] - 1) * p->dilation[0] + 1, x.shape[2]);
        const Index right = std::min(left + (p->kernel[1] - 1) * p->dilation[1] + 1, x.shape[3]);
        top = std::max<Index>(top, 0);
        left = std::max<Index>(left, 0);
        float best = -std::numeric_limits<float>::infinity();
        Index best_at = top * x.shape[3] + left;
        for (Index iy = top; iy < bottom; iy += p->dilation[0]) {
          for (Index ix = left; ix < right; ix += p->dilation[1]) {
            const float value = x(n, c, {iy, ix});
            if (value > best || value != value) {
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
