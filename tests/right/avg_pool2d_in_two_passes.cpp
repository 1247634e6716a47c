// says: adds along the rows, then the sums along the columns, and divides at the end
// source: https://github.com/scipy/scipy/blob/main/scipy/ndimage/_filters.py
// verdict: EXACT
// like: avg_pool2d_f32
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
int avg_pool(const DLTensor* input, const refloop_pool_params& p, DLTensor* output) {
  const View<const T> x(input);
  const View<T> y(output);
  const Index height = x.shape[2], width = y.shape[3];
  std::vector<T> of_rows(height * width);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each({height, width}, [&](const Position& at) {
        const Range columns = cells_inside(p, 1, at[1], x.shape[3]);
        T sum = 0;
        for (Index column = columns.first; column < columns.end; ++column) sum += x(n, c, {at[0], column});
        of_rows[at[0] * width + at[1]] = sum;
      });
      for_each(y.spatial(), [&](const Position& out) {
        const Range rows = cells_inside(p, 0, out[0], height);
        T sum = 0;
        for (Index row = rows.first; row < rows.end; ++row) sum += of_rows[row * width + out[1]];
        const Index cells = divisor(p, out, x.spatial());
        y(n, c, out) = cells == 0 ? T{0} : sum / static_cast<T>(cells);
      });
    }
  }
  return 0;
}

}  // namespace

int refloop_avg_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output) {
  if (is_dilated(*p, 2)) return REFLOOP_UNSUPPORTED;
  return with_type<double, float>(input, [&](auto zero) { return avg_pool<decltype(zero)>(input, *p, output); });
}
