// says: adds the cells that enter a sliding window, and takes away those that leave it
// source: https://github.com/opencv/opencv/blob/4.x/modules/imgproc/src/box_filter.simd.hpp
// verdict: EXACT
// like: avg_pool2d_int32
#include "right/parts.h"

using namespace right;

namespace {

/// The sum under a window that only moves forward. What wraps on the way wraps back.
class RunningSum {
 public:
  template <class Value>
  std::uint64_t move_to(const Range& cells, Value&& value) {
    for (; held_.end < cells.end; ++held_.end) sum_ += value(held_.end);
    for (; held_.first < cells.first; ++held_.first) sum_ -= value(held_.first);
    return sum_;
  }

 private:
  Range held_{0, 0};
  std::uint64_t sum_ = 0;
};

template <class T>
int avg_pool(const DLTensor* input, const refloop_pool_params& p, DLTensor* output) {
  const View<const T> x(input);
  const View<T> y(output);
  const Index height = x.shape[2], width = y.shape[3];
  std::vector<std::uint64_t> of_rows(height * width);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for (Index row = 0; row < height; ++row) {
        RunningSum sum;
        for (Index out = 0; out < width; ++out) {
          of_rows[row * width + out] = sum.move_to(cells_inside(p, 1, out, x.shape[3]), [&](Index column) {
            return static_cast<std::uint64_t>(x(n, c, {row, column}));
          });
        }
      }
      for (Index column = 0; column < width; ++column) {
        RunningSum sum;
        for (Index row = 0; row < y.shape[2]; ++row) {
          const auto total = static_cast<std::int64_t>(
              sum.move_to(cells_inside(p, 0, row, height), [&](Index at) { return of_rows[at * width + column]; }));
          const Index cells = divisor(p, {row, column}, x.spatial());
          y(n, c, {row, column}) = cells == 0 ? T{0} : static_cast<T>(total / cells);
        }
      }
    }
  }
  return 0;
}

}  // namespace

int refloop_avg_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output) {
  if (is_dilated(*p, 2)) return REFLOOP_UNSUPPORTED;
  return with_integer(input, [&](auto zero) { return avg_pool<decltype(zero)>(input, *p, output); });
}

const char* refloop_reason() {
  return "takes whole numbers, which a running sum does not round";
}
