// Max, min and average pooling over batches and channels, in one, two or three spatial axes:
//
//   max   output[n, c, out] = largest  input[n, c, in] over the taps whose `in` is inside the input
//   min   output[n, c, out] = smallest input[n, c, in] over the same taps
//   avg   output[n, c, out] = (sum of input[n, c, in] over the same taps) / divisor
//   in    = out * stride - padding + tap * dilation
//
//   input   N x C x spatial            output  N x C x spatial (window.h has the sizes)
//   indices of max and min, if asked for: as the output, int64, the row-major position of the winner in its plane
//
// Order: the taps row-major.
//   max, min  Padding is never a candidate. The first of equal values wins (so the first of -0 and 0), the last NaN
//             wins over everything. Where nothing is inside, or nothing beats the start, the value is the start: -inf
//             for max, inf for min, the lowest and the highest number for integers. The index is then the position of
//             the first tap that is not before the input on any axis, which may lie beyond its end.
//   avg       Starts at 0, each sum rounded to T, then one division: by divisor_override, or else by the number of
//             taps inside the padded input (count_include_pad) or inside the input. Taps that ceil_mode lets hang over
//             the padding never count; with nothing to count the average is 0. A quotient that vanishes below zero is
//             0, not -0. Integers are summed in 64 bits, which wrap, and divided toward zero.
// This is what LibTorch's native CPU kernels do, to the last bit, on contiguous tensors; on channels_last tensors
// avg_pool2d keeps the sign of a quotient that vanishes, and LibTorch 2 loses the depth of max_pool3d's index where no
// value beats the start. LibTorch has no min pooling and no dilated average.
//
// Source of the contract: torch.nn.functional.max_pool2d and avg_pool2d (names, defaults, shapes); the order is
// measured.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <type_traits>

#include "refloop/tensor.h"
#include "refloop/window.h"

namespace refloop {

template <std::size_t Dims>
struct PoolSettings {
  Extents<Dims> kernel{};                        // taps, 1 or more
  std::optional<Extents<Dims>> stride{};         // 1 or more; the kernel if not given
  Extents<Dims> padding{};                       // cells before each axis, at most half the kernel
  std::optional<Extents<Dims>> padding_after{};  // cells after it, the same limit; as many as before if not given
  Extents<Dims> dilation = filled<Dims>(1);      // 1 = no gaps
  bool ceil_mode = false;                        // whether the last window may hang over the padded input
  bool count_include_pad = true;                 // avg only: padding counts in the divisor
  std::optional<Index> divisor_override{};       // avg only: 1 or more

  constexpr Window<Dims> window() const {
    return {kernel, stride.value_or(kernel), padding, padding_after.value_or(padding), dilation, ceil_mode};
  }
};

/// Spatial extents of the output; raises Error where the pools would, in the name of this one.
template <std::size_t Dims>
Extents<Dims> pool_output_extents(const Extents<Dims>& input, const PoolSettings<Dims>& settings,
                                  std::string_view pool = "pool");

/// Pooling into memory of the caller's, any strides. T: float, double, (u)int8, int16, int32, int64.
/// Raises Error, before any element is written, for settings out of range, an empty axis, a kernel larger than the
/// padded input, or an output (or indices) of the wrong extents. Output must not overlap input.
template <class T, std::size_t Rank>
void max_pool(const std::type_identity_t<TensorView<const T, Rank>>& input, const PoolSettings<Rank - 2>& settings,
              const TensorView<T, Rank>& output,
              const std::type_identity_t<std::optional<TensorView<Index, Rank>>>& indices = {});
template <class T, std::size_t Rank>
void min_pool(const std::type_identity_t<TensorView<const T, Rank>>& input, const PoolSettings<Rank - 2>& settings,
              const TensorView<T, Rank>& output,
              const std::type_identity_t<std::optional<TensorView<Index, Rank>>>& indices = {});
template <class T, std::size_t Rank>
void avg_pool(const std::type_identity_t<TensorView<const T, Rank>>& input, const PoolSettings<Rank - 2>& settings,
              const TensorView<T, Rank>& output);

/// N x C x spatial of what the settings make of an input of these extents; raises Error where the pools would.
template <std::size_t Rank>
Extents<Rank> pooled_extents(const Extents<Rank>& input, const PoolSettings<Rank - 2>& settings,
                             std::string_view pool = "pool");

template <class T, std::size_t Rank>
struct PooledWithIndices {
  Tensor<T, Rank> values;
  Tensor<Index, Rank> indices;
};

/// The same for people who read or experiment: `Tensor y = max_pool2d(x, {.kernel = {2, 2}, .padding = {1, 1}});`
template <class T, std::size_t Rank>
Tensor<T, Rank> max_pool_value(const Tensor<T, Rank>& input, const PoolSettings<Rank - 2>& settings) {
  Tensor<T, Rank> output(pooled_extents(input.extents(), settings, "max_pool"));
  max_pool(input.view(), settings, output.view());
  return output;
}
template <class T, std::size_t Rank>
Tensor<T, Rank> min_pool_value(const Tensor<T, Rank>& input, const PoolSettings<Rank - 2>& settings) {
  Tensor<T, Rank> output(pooled_extents(input.extents(), settings, "min_pool"));
  min_pool(input.view(), settings, output.view());
  return output;
}
template <class T, std::size_t Rank>
Tensor<T, Rank> avg_pool_value(const Tensor<T, Rank>& input, const PoolSettings<Rank - 2>& settings) {
  Tensor<T, Rank> output(pooled_extents(input.extents(), settings, "avg_pool"));
  avg_pool(input.view(), settings, output.view());
  return output;
}
template <class T, std::size_t Rank>
PooledWithIndices<T, Rank> max_pool_with_indices(const Tensor<T, Rank>& input, const PoolSettings<Rank - 2>& settings) {
  const auto extents = pooled_extents(input.extents(), settings, "max_pool");
  PooledWithIndices<T, Rank> output{Tensor<T, Rank>(extents), Tensor<Index, Rank>(extents)};
  max_pool(input.view(), settings, output.values.view(), output.indices.view());
  return output;
}
template <class T, std::size_t Rank>
PooledWithIndices<T, Rank> min_pool_with_indices(const Tensor<T, Rank>& input, const PoolSettings<Rank - 2>& settings) {
  const auto extents = pooled_extents(input.extents(), settings, "min_pool");
  PooledWithIndices<T, Rank> output{Tensor<T, Rank>(extents), Tensor<Index, Rank>(extents)};
  min_pool(input.view(), settings, output.values.view(), output.indices.view());
  return output;
}

template <class T>
Tensor<T, 3> max_pool1d(const Tensor<T, 3>& input, const PoolSettings<1>& settings) {
  return max_pool_value(input, settings);
}
template <class T>
Tensor<T, 4> max_pool2d(const Tensor<T, 4>& input, const PoolSettings<2>& settings) {
  return max_pool_value(input, settings);
}
template <class T>
Tensor<T, 5> max_pool3d(const Tensor<T, 5>& input, const PoolSettings<3>& settings) {
  return max_pool_value(input, settings);
}

template <class T>
Tensor<T, 3> min_pool1d(const Tensor<T, 3>& input, const PoolSettings<1>& settings) {
  return min_pool_value(input, settings);
}
template <class T>
Tensor<T, 4> min_pool2d(const Tensor<T, 4>& input, const PoolSettings<2>& settings) {
  return min_pool_value(input, settings);
}
template <class T>
Tensor<T, 5> min_pool3d(const Tensor<T, 5>& input, const PoolSettings<3>& settings) {
  return min_pool_value(input, settings);
}

template <class T>
Tensor<T, 3> avg_pool1d(const Tensor<T, 3>& input, const PoolSettings<1>& settings) {
  return avg_pool_value(input, settings);
}
template <class T>
Tensor<T, 4> avg_pool2d(const Tensor<T, 4>& input, const PoolSettings<2>& settings) {
  return avg_pool_value(input, settings);
}
template <class T>
Tensor<T, 5> avg_pool3d(const Tensor<T, 5>& input, const PoolSettings<3>& settings) {
  return avg_pool_value(input, settings);
}

template <class T>
PooledWithIndices<T, 3> max_pool1d_with_indices(const Tensor<T, 3>& input, const PoolSettings<1>& settings) {
  return max_pool_with_indices(input, settings);
}
template <class T>
PooledWithIndices<T, 4> max_pool2d_with_indices(const Tensor<T, 4>& input, const PoolSettings<2>& settings) {
  return max_pool_with_indices(input, settings);
}
template <class T>
PooledWithIndices<T, 5> max_pool3d_with_indices(const Tensor<T, 5>& input, const PoolSettings<3>& settings) {
  return max_pool_with_indices(input, settings);
}

template <class T>
PooledWithIndices<T, 3> min_pool1d_with_indices(const Tensor<T, 3>& input, const PoolSettings<1>& settings) {
  return min_pool_with_indices(input, settings);
}
template <class T>
PooledWithIndices<T, 4> min_pool2d_with_indices(const Tensor<T, 4>& input, const PoolSettings<2>& settings) {
  return min_pool_with_indices(input, settings);
}
template <class T>
PooledWithIndices<T, 5> min_pool3d_with_indices(const Tensor<T, 5>& input, const PoolSettings<3>& settings) {
  return min_pool_with_indices(input, settings);
}

}  // namespace refloop
