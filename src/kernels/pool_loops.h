// The loops of include/refloop/pool.h. They check nothing and write the output they are given.
#pragma once

#include <cstdint>
#include <limits>
#include <type_traits>

#include "kernels/instances.h"
#include "refloop/pool.h"

#ifdef __FAST_MATH__
#error "refloop's loops promise bits; -ffast-math and -Ofast would change them"
#endif

namespace refloop {

/// What max pooling keeps. Min pooling is the same text with the order turned.
struct Larger {
  template <class T>
  static constexpr T start() {
    return std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity()
                                                : std::numeric_limits<T>::lowest();
  }
  template <class T>
  static constexpr bool beats(T value, T best) {
    return value > best;
  }
};

struct Smaller {
  template <class T>
  static constexpr T start() {
    return std::numeric_limits<T>::has_infinity ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
  }
  template <class T>
  static constexpr bool beats(T value, T best) {
    return value < best;
  }
};

/// Row-major position in a plane of these extents.
template <std::size_t Dims>
constexpr Index flat_position(const Extents<Dims>& at, const Extents<Dims>& extents) {
  Index flat = 0;
  for (std::size_t axis = 0; axis < Dims; ++axis) flat = flat * extents[axis] + at[axis];
  return flat;
}

/// Where the first tap that is not before the input reads, on each axis.
template <std::size_t Dims>
constexpr Extents<Dims> first_read(const Window<Dims>& window, const Extents<Dims>& out) {
  Extents<Dims> in = window.input_position(out, Extents<Dims>{});
  for (std::size_t axis = 0; axis < Dims; ++axis) {
    while (in[axis] < 0) in[axis] += window.dilation[axis];
  }
  return in;
}

template <class Order, class T, std::size_t Dims>
void extreme_pool_loops(const TensorView<const T, Dims + 2>& input, const Window<Dims>& window,
                        const TensorView<T, Dims + 2>& output,
                        const std::optional<TensorView<Index, Dims + 2>>& indices) {
  const Index batch = output.extents[0];
  const Index channels = output.extents[1];

  for (Index n = 0; n < batch; ++n) {
    for (Index c = 0; c < channels; ++c) {
      for (const auto& out : positions(output.spatial())) {
        T best = Order::template start<T>();
        auto best_at = first_read(window, out);
        for (const auto& tap : positions(window.kernel)) {
          const auto in = window.input_position(out, tap);
          if (!inside(in, input.spatial())) continue;  // a padding zero would beat what is negative
          const T value = input(n, c, in);
          const bool is_nan = value != value;
          if (Order::beats(value, best) || is_nan) {
            best = value;
            best_at = in;
          }
        }

        output(n, c, out) = best;
        if (indices) (*indices)(n, c, out) = flat_position(best_at, input.spatial());
      }
    }
  }
}

/// Integers are added in 64 unsigned bits, where wrapping is defined.
template <class T>
using PoolSum = std::conditional_t<std::is_integral_v<T>, std::uint64_t, T>;

/// The quotient of a sum just below zero may vanish. LibTorch then gives 0, but -0 for avg_pool2d on channels_last
/// memory.
template <class T>
T average(PoolSum<T> sum, Index divisor, bool keep_minus_zero) {
  if constexpr (std::is_integral_v<T>) {
    return static_cast<T>(static_cast<Index>(sum) / divisor);
  } else {
    const T quotient = sum / static_cast<T>(divisor);
    return keep_minus_zero ? quotient : quotient + T{0};
  }
}

template <class T, std::size_t Dims>
void avg_pool_loops(const TensorView<const T, Dims + 2>& input, const Window<Dims>& window, bool count_include_pad,
                    const std::optional<Index>& divisor_override, bool keep_minus_zero,
                    const TensorView<T, Dims + 2>& output) {
  const Index batch = output.extents[0];
  const Index channels = output.extents[1];

  for (Index n = 0; n < batch; ++n) {
    for (Index c = 0; c < channels; ++c) {
      for (const auto& out : positions(output.spatial())) {
        PoolSum<T> sum = 0;
        Index counted = 0;
        for (const auto& tap : positions(window.kernel)) {
          const auto in = window.input_position(out, tap);
          const bool in_input = inside(in, input.spatial());
          if (in_input) sum += static_cast<PoolSum<T>>(input(n, c, in));
          if (count_include_pad ? window.inside_padded(in, input.spatial()) : in_input) ++counted;
        }

        const Index divisor = divisor_override.value_or(counted);
        output(n, c, out) = divisor == 0 ? T{0} : average<T>(sum, divisor, keep_minus_zero);
      }
    }
  }
}

#define REFLOOP_EXTREME_POOL(PREFIX, ORDER, T, DIMS)                                                                 \
  PREFIX template void extreme_pool_loops<ORDER, T, DIMS>(const TensorView<const T, DIMS + 2>&, const Window<DIMS>&, \
                                                          const TensorView<T, DIMS + 2>&,                            \
                                                          const std::optional<TensorView<Index, DIMS + 2>>&);
#define REFLOOP_AVG_POOL(PREFIX, T, DIMS)                                                                       \
  PREFIX template void avg_pool_loops<T, DIMS>(const TensorView<const T, DIMS + 2>&, const Window<DIMS>&, bool, \
                                               const std::optional<Index>&, bool, const TensorView<T, DIMS + 2>&);
#define REFLOOP_POOL_ELSEWHERE(T, DIMS)          \
  REFLOOP_EXTREME_POOL(extern, Larger, T, DIMS)  \
  REFLOOP_EXTREME_POOL(extern, Smaller, T, DIMS) \
  REFLOOP_AVG_POOL(extern, T, DIMS)
#define REFLOOP_POOL_ELSEWHERE_TYPE(T) REFLOOP_FOR_EACH_DIMS(REFLOOP_POOL_ELSEWHERE, T)
REFLOOP_FOR_EACH_TYPE(REFLOOP_POOL_ELSEWHERE_TYPE)

}  // namespace refloop
