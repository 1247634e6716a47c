// says: takes maxima with fmax, which gives the other number where one is NaN
// source: own
// verdict: WRONG
// looks like: nan_ignored
// like: max_pool2d_f32
#include <cmath>
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
        float best = -std::numeric_limits<float>::infinity();
        Position best_at = source(*p, out, {0, 0});
        for (std::size_t axis = 0; axis < 2; ++axis) {
          while (best_at[axis] < 0) best_at[axis] += p->dilation[axis];
        }
        for_each({p->kernel[0], p->kernel[1]}, [&](const Position& tap) {
          const Position in = source(*p, out, tap);
          if (!x.holds(in)) return;
          const float larger = std::fmax(best, x(n, c, in));
          if (larger != best) best_at = in;
          best = larger;
        });
        y(n, c, out) = best;
        if (indices != nullptr) View<Index>{indices}(n, c, out) = x.flat(best_at);
      });
    }
  }
  return 0;
}
