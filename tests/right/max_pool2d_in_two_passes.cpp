// says: takes the maxima along the rows, then those of the maxima along the columns; gives no indices
// source: https://github.com/scipy/scipy/blob/main/scipy/ndimage/_filters.py
// verdict: EXACT
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
void take(T value, T& best) {
  if (value > best || value != value) best = value;
}

template <class T>
int max_pool(const DLTensor* input, const refloop_pool_params& p, DLTensor* output) {
  const View<const T> x(input);
  const View<T> y(output);
  const Index height = x.shape[2], width = y.shape[3];
  std::vector<T> of_rows(height * width);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each({height, width}, [&](const Position& at) {
        const Range taps = taps_inside(p, 1, at[1], p.kernel[1], x.shape[3]);
        T best = lowest<T>();
        for (Index tap = taps.first; tap < taps.end; ++tap) {
          take(x(n, c, {at[0], start_of(p, 1, at[1]) + tap * p.dilation[1]}), best);
        }
        of_rows[at[0] * width + at[1]] = best;
      });
      for_each(y.spatial(), [&](const Position& out) {
        const Range taps = taps_inside(p, 0, out[0], p.kernel[0], height);
        T best = lowest<T>();
        for (Index tap = taps.first; tap < taps.end; ++tap) {
          take(of_rows[(start_of(p, 0, out[0]) + tap * p.dilation[0]) * width + out[1]], best);
        }
        y(n, c, out) = best;
      });
    }
  }
  return 0;
}

}  // namespace

int refloop_max_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  if (indices != nullptr) return REFLOOP_UNSUPPORTED;
  return with_any(input, [&](auto zero) { return max_pool<decltype(zero)>(input, *p, output); });
}
