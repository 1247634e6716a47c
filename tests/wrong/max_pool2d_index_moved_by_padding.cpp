// says: the index counts rows and columns from the padding's corner, but with the length of a row without padding
// source: tensorflow/tensorflow#10216
// verdict: WRONG
// looks like: none
// like: max_pool2d_indices_f32
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
        const Index top = out[0] * p->stride[0], left = out[1] * p->stride[1];
        float best = -std::numeric_limits<float>::infinity();
        Index best_at = top * x.shape[3] + left;
        for_each({p->kernel[0], p->kernel[1]}, [&](const Position& tap) {
          const Index row = top + tap[0] * p->dilation[0], column = left + tap[1] * p->dilation[1];
          const Position in{row - p->padding_before[0], column - p->padding_before[1]};
          if (!x.holds(in)) return;
          const float value = x(n, c, in);
          if (value > best || value != value) {
            best = value;
            best_at = row * x.shape[3] + column;
          }
        });
        y(n, c, out) = best;
        if (indices != nullptr) (View<Index>(indices))(n, c, out) = best_at;
      });
    }
  }
  return 0;
}
