// says: clips every window to the input first, then takes the largest and where it stands
// source: https://github.com/pytorch/pytorch/blob/main/aten/src/ATen/native/cpu/MaxPoolKernel.cpp
// verdict: EXACT
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
int max_pool(const DLTensor* input, const refloop_pool_params& p, DLTensor* output, DLTensor* indices) {
  const View<const T> x(input);
  const View<T> y(output);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each(y.spatial(), [&](const Position& out) {
        Position first(out.size()), box(out.size());
        for (std::size_t axis = 0; axis < out.size(); ++axis) {
          const int a = static_cast<int>(axis);
          const Range taps = taps_inside(p, a, out[axis], p.kernel[axis], x.shape[axis + 2]);
          first[axis] = start_of(p, a, out[axis]) + taps.first * p.dilation[axis];
          box[axis] = taps.size();
        }
        T best = lowest<T>();
        Index best_at = x.flat(first);  // stands where nothing beats the start, even behind the input
        for_each(box, [&](const Position& step) {
          Position in = first;
          for (std::size_t axis = 0; axis < in.size(); ++axis) in[axis] += step[axis] * p.dilation[axis];
          const T value = x(n, c, in);
          if (!(value > best) && value == value) return;
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
