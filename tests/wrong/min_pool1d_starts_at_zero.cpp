// says: the search starts at 0, so that no output is positive
// source: tinygrad/tinygrad#9244
// verdict: WRONG
// looks like: starts_at_zero
// like: min_pool1d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_min_pool1d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input);
  const View<float> y(output);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each(y.spatial(), [&](const Position& out) {
        float best = 0;
        Position best_at = source(*p, out, {0});
        while (best_at[0] < 0) best_at[0] += p->dilation[0];
        for (Index k = 0; k < p->kernel[0]; ++k) {
          const Position in = source(*p, out, {k});
          if (!x.holds(in)) continue;
          const float value = x(n, c, in);
          if (value < best || value != value) {
            best = value;
            best_at = in;
          }
        }
        y(n, c, out) = best;
        if (indices != nullptr) (View<Index>(indices))(n, c, out) = best_at[0];
      });
    }
  }
  return 0;
}
