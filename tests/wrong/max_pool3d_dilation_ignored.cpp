// says: the taps lie side by side whatever the dilation
// source: sonos/tract#2847
// verdict: WRONG
// looks like: dilation_ignored
// like: max_pool3d_f32
#include <algorithm>
#include <limits>

#include "corpus/kernel.h"

using namespace corpus;

int refloop_max_pool3d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input);
  const View<float> y(output);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each(y.spatial(), [&](const Position& out) {
        Position begin(3), box(3);
        for (std::size_t axis = 0; axis < 3; ++axis) {
          const Index start = out[axis] * p->stride[axis] - p->padding_before[axis];
          begin[axis] = std::max<Index>(start, 0);
          box[axis] = std::min(start + p->kernel[axis], x.shape[axis + 2]) - begin[axis];
        }
        float best = -std::numeric_limits<float>::infinity();
        Index best_at = x.flat(begin);
        for_each(box, [&](const Position& tap) {
          const Position in{begin[0] + tap[0], begin[1] + tap[1], begin[2] + tap[2]};
          const float value = x(n, c, in);
          if (value > best || value != value) {
            best = value;
            best_at = x.flat(in);
          }
        });
        y(n, c, out) = best;
        if (indices != nullptr) (View<Index>(indices))(n, c, out) = best_at;
      });
    }
  }
  return 0;
}
