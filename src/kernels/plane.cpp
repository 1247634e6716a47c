#include "refloop/plane.h"

#include <array>
#include <string>

#include "kernels/arguments.h"
#include "kernels/instances.h"
#include "kernels/pool_loops.h"
#include "kernels/sum.h"

namespace refloop {
namespace {

enum class Mode { max, min, mean };

Mode mode_of(std::string_view mode) {
  if (mode == "max") return Mode::max;
  if (mode == "min") return Mode::min;
  if (mode == "avg" || mode == "mean") return Mode::mean;
  refuse("pool2d", "mode takes max, min, avg or mean, not \"" + std::string(mode) + "\"");
}

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

template <class Result, class T>
Tensor<Pooled<Result, T>, 2> pool2d(const Tensor<T, 2>& plane, Index size, const PlanePoolSettings& settings) {
  using Out = Pooled<Result, T>;
  using Sum = std::conditional_t<is_integer<Out>, float, Out>;
  const auto [given_stride, padding, dilation, mode_name] = settings;
  const auto [ih, iw] = plane.extents();
  const Index stride = given_stride.value_or(size);
  const Mode mode = mode_of(mode_name);
  const auto sizes = twice(size), strides = twice(stride), paddings = twice(padding), dilations = twice(dilation);
  const Extents<4> one_channel{1, 1, ih, iw};
  check_pool("pool2d", one_channel, {sizes, strides, paddings, paddings, dilations}, {});
  if (mode == Mode::mean && is_integer<Out>) refuse("pool2d", "a mean is no integer; ask for pool2d<float>");

  const Index oh = (ih + 2 * padding - dilation * (size - 1) - 1) / stride + 1;
  const Index ow = (iw + 2 * padding - dilation * (size - 1) - 1) / stride + 1;
  Tensor<Out, 2> output({oh, ow});
  for (Index i = 0; i < oh; ++i) {
    for (Index j = 0; j < ow; ++j) {
      T most = Larger::start<T>(), least = Smaller::start<T>();
      Sum sum = 0;
      for (Index kh = 0; kh < size; ++kh) {
        for (Index kw = 0; kw < size; ++kw) {
          const Index y = i * stride - padding + kh * dilation;
          const Index x = j * stride - padding + kw * dilation;
          if (y < 0 || y >= ih || x < 0 || x >= iw) continue;  // no candidate, and a zero in the sum
          const T value = plane(y, x);
          const bool is_nan = value != value;
          if (value > most || is_nan) most = value;
          if (value < least || is_nan) least = value;
          sum += static_cast<Sum>(value);
        }
      }
      if (mode == Mode::max) output(i, j) = static_cast<Out>(most);
      if (mode == Mode::min) output(i, j) = static_cast<Out>(least);
      if (mode == Mode::mean) output(i, j) = static_cast<Out>(sum / static_cast<Sum>(size * size));
    }
  }
  return output;
}

#define REFLOOP_POOL2D(RESULT, T) \
  template Tensor<Pooled<RESULT, T>, 2> pool2d<RESULT, T>(const Tensor<T, 2>&, Index, const PlanePoolSettings&);
#define REFLOOP_PLANE(T)                                                                               \
  template Tensor<T, 2> convolve2d<T>(const Tensor<T, 2>&, const Tensor<T, 2>&, const PlaneSettings&); \
  REFLOOP_POOL2D(void, T)                                                                              \
  REFLOOP_POOL2D(T, T)
REFLOOP_FOR_EACH_TYPE(REFLOOP_PLANE)
REFLOOP_POOL2D(float, double)
REFLOOP_POOL2D(float, std::int64_t)
REFLOOP_POOL2D(float, std::int32_t)
REFLOOP_POOL2D(float, std::int16_t)
REFLOOP_POOL2D(float, std::int8_t)
REFLOOP_POOL2D(float, std::uint8_t)

}  // namespace refloop
