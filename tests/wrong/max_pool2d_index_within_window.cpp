// says: the index is the tap's number in its window, not the cell's in its plane
// source: uxlfoundation/oneDNN#259
// verdict: WRONG
// looks like: index_within_window
// like: max_pool2d_d1_indices_f32
#include <algorithm>

#include "corpus/kernel.h"

using namespace corpus;

int refloop_max_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  if (!is_float(input, 32) || p->dilation[0] != 1 || p->dilation[1] != 1) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input);
  const View<float> y(output);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each(y.spatial(), [&](const Position& out) {
        const Index top = out[0] * p->stride[0] - p->padding_before[0];
        const Index left = out[1] * p->stride[1] - p->padding_before[1];
        Position best{std::max<Index>(-top, 0), std::max<Index>(-left, 0)};
        const auto at = [&](const Position& tap) { return x(n, c, {top + tap[0], left + tap[1]}); };
        for_each({p->kernel[0], p->kernel[1]}, [&](const Position& tap) {
          if (!x.holds({top + tap[0], left + tap[1]})) return;
          if (at(tap) > at(best) || at(tap) != at(tap)) best = tap;
        });
        y(n, c, out) = at(best);
        if (indices != nullptr) (View<Index>(indices))(n, c, out) = best[0] * p->kernel[1] + best[1];
      });
    }
  }
  return 0;
}
