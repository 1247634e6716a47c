// says: adds whole numbers in 64 bits, which wrap, and divides toward zero
// source: https://github.com/pytorch/pytorch/blob/main/aten/src/ATen/native/cpu/AvgPoolKernel.cpp
// verdict: EXACT
// like: avg_pool2d_int64
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
        std::uint64_t sum = 0;
        for_each(box, [&](const Position& step) {
          Position in = first;
          for (std::size_t axis = 0; axis < in.size(); ++axis) in[axis] += step[axis];
          sum += static_cast<std::uint64_t>(x(n, c, in));
        });
        const Index cells = divisor(p, out, x.spatial());
        y(n, c, out) = cells == 0 ? T{0} : static_cast<T>(static_cast<std::int64_t>(sum) / cells);
      });
    }
  }
  return 0;
}

int avg_pool_any(const DLTensor* input, const refloop_pool_params& p, DLTensor* output) {
  if (is_dilated(p, input->ndim - 2)) return REFLOOP_UNSUPPORTED;
  return with_integer(input, [&](auto zero) { return avg_pool<decltype(zero)>(input, p, output); });
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
