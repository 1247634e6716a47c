#include "refloop/plane.h"

#include <array>
#include <string>

#include "kernels/arguments.h"
#include "kernels/instances.h"
#include "kernels/pool_loops.h"
#include "kernels/sum.h"

namespace refloop {
namespace {

std::array<Index, 2> twice(Index value) {
  return {value, value};
}

}  // namespace

template <class T>
Tensor<T, 2> convolve2d(const Tensor<T, 2>& plane, const Tensor<T, 2>& kernel, const PlaneSettings& settings) {
  const auto [stride, padding, dilation] = settings;
  const auto [ih, iw] = plane.extents();
  const auto [kh_count, kw_count] = kernel.extents();
  const auto strides = twice(stride), paddings = twice(padding), dilations = twice(dilation);
  const WindowNumbers window{kernel.extents(), strides, paddings, paddings, dilations};
  check_window("convolve2d", window);
  check_fit("convolve2d", plane.extents(), window);

  const Index oh = (ih + 2 * padding - dilation * (kh_count - 1) - 1) / stride + 1;
  const Index ow = (iw + 2 * padding - dilation * (kw_count - 1) - 1) / stride + 1;
  Tensor<T, 2> output({oh, ow});
  for (Index i = 0; i < oh; ++i) {
    for (Index j = 0; j < ow; ++j) {
      InOrder<T> sum;
      for (Index kh = 0; kh < kh_count; ++kh) {
        for (Index kw = 0; kw < kw_count; ++kw) {
          const Index y = i * stride - padding + kh * dilation;
          const Index x = j * stride - padding + kw * dilation;
          const bool in_plane = y >= 0 && y < ih && x >= 0 && x < iw;
          sum.add(kernel(kh, kw), in_plane ? plane(y, x) : T{0});
        }
      }
      output(i, j) = sum.result();
    }
  }
  return output;
}

/// The cells under a window whose first tap lies at top, left, row by row; padding has none.
template <class T>
std::vector<T> cells_under(const Tensor<T, 2>& plane, Index top, Index left, Index size, Index dilation) {
  const auto [ih, iw] = plane.extents();
  std::vector<T> cells;
  for (Index kh = 0; kh < size; ++kh) {
    for (Index kw = 0; kw < size; ++kw) {
      const Index y = top + kh * dilation;
      const Index x = left + kw * dilation;
      const bool in_plane = y >= 0 && y < ih && x >= 0 && x < iw;
      if (in_plane) cells.push_back(plane(y, x));
    }
  }
  return cells;
}

/// What a mode makes of the cells under a window of so many taps: each is called alike.
template <class T>
T max_of(const std::vector<T>& cells, Index /*taps*/) {
  T most = Larger::start<T>();
  for (const T cell : cells) {
    const bool is_nan = cell != cell;
    if (cell > most || is_nan) most = cell;
  }
  return most;
}

template <class T>
T min_of(const std::vector<T>& cells, Index /*taps*/) {
  T least = Smaller::start<T>();
  for (const T cell : cells) {
    const bool is_nan = cell != cell;
    if (cell < least || is_nan) least = cell;
  }
  return least;
}

template <class T>
T mean_of(const std::vector<T>& cells, Index taps) {
  T sum = 0;
  for (const T cell : cells) sum += cell;
  return sum / static_cast<T>(taps) + T{0};  // a quotient just below 0 may vanish, and torch has no -0 there
}

template <class T>
auto mode_of(std::string_view mode) -> T (*)(const std::vector<T>&, Index) {
  if (mode == "max") return max_of<T>;
  if (mode == "min") return min_of<T>;
  if (mode != "avg" && mode != "mean") {
    refuse("pool2d", "mode takes max, min, avg or mean, not \"" + std::string(mode) + "\"");
  }
  if constexpr (is_integer<T>)
    refuse("pool2d", "a mean is no integer; ask for pool2d<float>");
  else
    return mean_of<T>;
}

template <class T>
Tensor<T, 2> pool_plane(const Tensor<T, 2>& plane, Index size, const PlanePoolSettings& settings) {
  const auto [given_stride, padding, dilation, mode] = settings;
  const auto [ih, iw] = plane.extents();
  const Index stride = given_stride.value_or(size);
  const auto pooled = mode_of<T>(mode);
  const auto sizes = twice(size), strides = twice(stride), paddings = twice(padding), dilations = twice(dilation);
  check_pool("pool2d", Extents<4>{1, 1, ih, iw}, {sizes, strides, paddings, paddings, dilations}, {});

  const Index oh = (ih + 2 * padding - dilation * (size - 1) - 1) / stride + 1;
  const Index ow = (iw + 2 * padding - dilation * (size - 1) - 1) / stride + 1;
  Tensor<T, 2> output({oh, ow});
  for (Index i = 0; i < oh; ++i) {
    for (Index j = 0; j < ow; ++j) {
      const auto cells = cells_under(plane, i * stride - padding, j * stride - padding, size, dilation);
      output(i, j) = pooled(cells, size * size);
    }
  }
  return output;
}

#define REFLOOP_PLANE(T)                                                                               \
  template Tensor<T, 2> convolve2d<T>(const Tensor<T, 2>&, const Tensor<T, 2>&, const PlaneSettings&); \
  template Tensor<T, 2> pool_plane<T>(const Tensor<T, 2>&, Index, const PlanePoolSettings&);
REFLOOP_FOR_EACH_TYPE(REFLOOP_PLANE)

}  // namespace refloop
