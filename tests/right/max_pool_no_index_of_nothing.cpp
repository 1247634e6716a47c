// says: a window that holds no element has index -1
// source: own
// verdict: EXACT
// like: max_pool2d_indices
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
int max_pool(const DLTensor* input, const refloop_pool_params& p, DLTensor* output, DLTensor* indices) {
  const View<const T> x(input);
  const View<T> y(output);
  const Position kernel(p.kernel, p.kernel + y.spatial().size());
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each(y.spatial(), [&](const Position& out) {
        T best = lowest<T>();
        Index best_at = -1;
        for_each(kernel, [&](const Position& tap) {
          const Position in = source(p, out, tap);
          if (!x.holds(in)) return;
          const T value = x(n, c, in);
          if (best_at >= 0 && !(value > best) && value == value) return;
          best = value;
          best_at = x.flat(in);
        });
        y(n, c, out) = best;
        if (indices != nullptr) View<Index>{indices}(n, c, out) = best_at;
      });
    }
  }
  return 0;
}

int max_pool_any(const DLTensor* input, const refloop_pool_params& p, DLTensor* output, DLTensor* indices) {
  return with_any(input, [&](auto zero) { return max_pool<decltype(zero)>(input, p, output, indices); });
}

}  // namespace

int refloop_max_pool1d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  return max_pool_any(input, *p, output, indices);
}
int refloop_max_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  return max_pool_any(input, *p, output, indices);
}
int refloop_max_pool3d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  return max_pool_any(input, *p, output, indices);
}
