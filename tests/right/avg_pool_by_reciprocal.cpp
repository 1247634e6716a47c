// says: multiplies by 1 / divisor, which gives the same wherever the divisor is a power of two
// source: https://github.com/sonos/tract/blob/main/core/src/ops/cnn/sumpool.rs
// verdict: EXACT
// like: avg_pool2d_f32
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
int avg_pool(const DLTensor* input, const refloop_pool_params& p, DLTensor* output) {
  const View<const T> x(input);
  const View<T> y(output);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each(y.spatial(), [&](const Position& out) {
        Position first(out.size()), box(out.size());
        for (std::size_t axis = 0; axis < out.size(); ++axis) {
          const Range cells = cells_inside(p, static_cast<int>(axis), out[axis], x.shape[axis + 2]);
          first[axis] = cells.first;
          box[axis] = cells.size();
        }
        T sum = 0;
        for_each(box, [&](const Position& step) {
          Position in = first;
          for (std::size_t axis = 0; axis < in.size(); ++axis) in[axis] += step[axis];
          sum += x(n, c, in);
        });
        const Index cells = divisor(p, out, x.spatial());
        y(n, c, out) = cells == 0 ? T{0} : sum * (T{1} / static_cast<T>(cells));
      });
    }
  }
  return 0;
}

int avg_pool_any(const DLTensor* input, const refloop_pool_params& p, DLTensor* output) {
  if (is_dilated(p, input->ndim - 2)) return REFLOOP_UNSUPPORTED;
  return with_type<double, float>(input, [&](auto zero) { return avg_pool<decltype(zero)>(input, p, output); });
}

}  // namespace

int refloop_avg_pool1d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output) {
  return avg_pool_any(input, *p, output);
}
int refloop_avg_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output) {
  return avg_pool_any(input, *p, output);
}
int refloop_avg_pool3d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output) {
  return avg_pool_any(input, *p, output);
}
