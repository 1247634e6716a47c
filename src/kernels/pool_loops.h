// The loops of include/refloop/pool.h. They check nothing and write the output they are given.
#pragma once

#include <cstddef>
#include <limits>
#include <optional>
#include <type_traits>

#include "kernels/sum.h"
#include "refloop/pool.h"

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

template <class Extreme, class T, std::size_t Rank>
void extreme_pool_loops(const TensorView<const T, Rank>& input, const Window<Rank - 2>& window,
                        const TensorView<T, Rank>& output, const std::optional<TensorView<Index, Rank>>& indices) {
  const Index batch = output.extents[0];
  const Index channels = output.extents[1];

  for (Index n = 0; n < batch; ++n) {
    for (Index c = 0; c < channels; ++c) {
      for (const auto& out : positions(output.spatial())) {
        T best = Extreme::template start<T>();
        auto best_at = first_read(window, out);
        for (const auto& tap : positions(window.kernel)) {
          const auto in = window.input_position(out, tap);
          if (!inside(in, input.spatial())) continue;  // a padding zero would beat what is negative
          const T value = input(n, c, in);
          const bool is_nan = value != value;
          if (Extreme::beats(value, best) || is_nan) {
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

/// How average pooling divides, integers toward zero. A quotient just below zero may vanish and leave -0.
struct Quotient {
  template <class Total>
  static Total of(Total sum, Index divisor) {
    return sum / static_cast<Total>(divisor);
  }
};

/// The same, and 0 in place of -0, as LibTorch has it everywhere but in avg_pool2d on channels_last memory.
template <class Division>
struct WithoutMinusZero {
  template <class Total>
  static Total of(Total sum, Index divisor) {
    return Division::of(sum, divisor) + Total{0};
  }
};

/// By what average pooling divides: a number of its own, or else the taps that count.
struct Divisor {
  bool count_include_pad = true;
  std::optional<Index> override{};
};

/// Integers are summed in 64 bits, so Sum may take more than T.
template <class Sum, class Division, class T, class Out, std::size_t Rank>
void avg_pool_loops(const TensorView<const T, Rank>& input, const Window<Rank - 2>& window, const Divisor& divides,
                    const TensorView<Out, Rank>& output) {
  const Index batch = output.extents[0];
  const Index channels = output.extents[1];

  for (Index n = 0; n < batch; ++n) {
    for (Index c = 0; c < channels; ++c) {
      for (const auto& out : positions(output.spatial())) {
        Sum sum;
        Index counted = 0;
        for (const auto& tap : positions(window.kernel)) {
          const auto in = window.input_position(out, tap);
          const bool in_input = inside(in, input.spatial());
          if (in_input) sum.plus(input(n, c, in));
          if (divides.count_include_pad ? window.inside_padded(in, input.spatial()) : in_input) ++counted;
        }

        const Index divisor = divides.override.value_or(counted);
        output(n, c, out) = divisor == 0 ? Out{0} : static_cast<Out>(Division::of(sum.result(), divisor));
      }
    }
  }
}

/// What average pooling adds values of T in.
template <class T>
using AverageSum = InOrder<std::conditional_t<is_integer<T>, Index, T>>;

}  // namespace refloop
