// says: adds every row up once, and takes the difference of two such sums for a window
// source: opencv/opencv#1937
// verdict: EXACT
// like: avg_pool1d_int32
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
int avg_pool(const DLTensor* input, const refloop_pool_params& p, DLTensor* output) {
  const View<const T> x(input);
  const View<T> y(output);
  std::vector<std::uint64_t> before(x.shape[2] + 1);  // the sum of all cells before each; what wraps wraps back
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for (Index at = 0; at < x.shape[2]; ++at) before[at + 1] = before[at] + static_cast<std::uint64_t>(x(n, c, {at}));
      for (Index out = 0; out < y.shape[2]; ++out) {
        const Range inside = cells_inside(p, 0, out, x.shape[2]);
        const auto sum = static_cast<std::int64_t>(before[inside.end] - before[inside.first]);
        const Index cells = divisor(p, {out}, x.spatial());
        y(n, c, {out}) = cells == 0 ? T{0} : static_cast<T>(sum / cells);
      }
    }
  }
  return 0;
}

}  // namespace

int refloop_avg_pool1d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output) {
  if (is_dilated(*p, 1)) return REFLOOP_UNSUPPORTED;
  return with_integer(input, [&](auto zero) { return avg_pool<decltype(zero)>(input, *p, output); });
}

const char* refloop_reason() {
  return "takes whole numbers, of which no sum rounds";
}
