// says: walks every window from its last tap to its first, so that later equal values are written over
// source: https://github.com/pytorch/pytorch/blob/main/aten/src/ATen/native/cpu/MaxPoolKernel.cpp
// verdict: EXACT
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
int min_pool(const DLTensor* input, const refloop_pool_params& p, DLTensor* output, DLTensor* indices) {
  const View<const T> x(input);
  const View<T> y(output);
  const Position kernel(p.kernel, p.kernel + input->ndim - 2);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each(y.spatial(), [&](const Position& out) {
        // Without a winner the index is that of the first tap that is not before the input.
        Position best_at = corpus::source(p, out, Position(out.size(), 0));
        for (std::size_t axis = 0; axis < out.size(); ++axis) {
          while (best_at[axis] < 0) best_at[axis] += p.dilation[axis];
        }
        T best = highest<T>();
        for_each(kernel, [&](const Position& mirrored) {
          Position tap = mirrored;
          for (std::size_t axis = 0; axis < tap.size(); ++axis) tap[axis] = kernel[axis] - 1 - mirrored[axis];
          const Position in = corpus::source(p, out, tap);
          if (best != best || !x.holds(in)) return;  // the last NaN has won already
          const T value = x(n, c, in);
          if (value > best) return;
          best = value;
          best_at = in;
        });
        y(n, c, out) = best;
        if (indices != nullptr) View<Index>{indices}(n, c, out) = x.flat(best_at);
      });
    }
  }
  return 0;
}

int min_pool_any(const DLTensor* input, const refloop_pool_params& p, DLTensor* output, DLTensor* indices) {
  return with_any(input, [&](auto zero) { return min_pool<decltype(zero)>(input, p, output, indices); });
}

}  // namespace

int refloop_min_pool1d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  return min_pool_any(input, *p, output, indices);
}
int refloop_min_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  return min_pool_any(input, *p, output, indices);
}
int refloop_min_pool3d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  return min_pool_any(input, *p, output, indices);
}
