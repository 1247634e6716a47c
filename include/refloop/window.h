// A window slides over the input; each of its taps reads one input position per output position:
//
//   in     = out * stride - padding_before + tap * dilation
//   reach  = dilation * (kernel - 1) + 1
//   output = floor((input + padding_before + padding_after - reach) / stride) + 1
//
// With ceil_mode (pooling) the division rounds up, so that the last window may hang over the end, but a window that
// would start beyond the last input cell is dropped: (output - 1) * stride < input + padding_before.
//
// All of it holds per axis. Positions outside the input are padding; what padding means is the operator's affair.
#pragma once

#include <cstddef>
#include <iterator>

#include "refloop/tensor.h"

namespace refloop {

/// Input cells from the first tap to the last on one axis, both included.
constexpr Index reach(Index kernel, Index dilation) {
  return dilation * (kernel - 1) + 1;
}

template <std::size_t Dims>
struct Window {
  Extents<Dims> kernel;                      // taps, 1 or more
  Extents<Dims> stride = filled<Dims>(1);    // step of the window, 1 or more
  Extents<Dims> padding_before{};            // cells before the first input position, 0 or more
  Extents<Dims> padding_after{};             // cells after the last one, 0 or more
  Extents<Dims> dilation = filled<Dims>(1);  // distance between taps, 1 = no gaps
  bool ceil_mode = false;                    // whether the last window may hang over the padded input

  constexpr Extents<Dims> input_position(const Extents<Dims>& out, const Extents<Dims>& tap) const {
    Extents<Dims> in{};
    for (std::size_t axis = 0; axis < Dims; ++axis) {
      in[axis] = out[axis] * stride[axis] - padding_before[axis] + tap[axis] * dilation[axis];
    }
    return in;
  }

  /// Whether a position is inside the input or its padding; ceil_mode lets windows reach beyond.
  constexpr bool inside_padded(const Extents<Dims>& in, const Extents<Dims>& input) const {
    for (std::size_t axis = 0; axis < Dims; ++axis) {
      if (in[axis] < -padding_before[axis] || in[axis] >= input[axis] + padding_after[axis]) return false;
    }
    return true;
  }

  /// 0 on an axis where the window does not fit into the padded input.
  constexpr Extents<Dims> output_extents(const Extents<Dims>& input) const {
    Extents<Dims> output{};
    for (std::size_t axis = 0; axis < Dims; ++axis) {
      const Index overhang = ceil_mode ? stride[axis] - 1 : 0;
      const Index padded = padding_before[axis] + input[axis] + padding_after[axis];
      const Index room = padded + overhang - reach(kernel[axis], dilation[axis]);
      output[axis] = room < 0 ? 0 : room / stride[axis] + 1;
      if (ceil_mode && (output[axis] - 1) * stride[axis] >= input[axis] + padding_before[axis]) --output[axis];
    }
    return output;
  }
};

template <std::size_t Dims>
constexpr bool inside(const Extents<Dims>& position, const Extents<Dims>& extents) {
  for (std::size_t axis = 0; axis < Dims; ++axis) {
    if (position[axis] < 0 || position[axis] >= extents[axis]) return false;
  }
  return true;
}

/// Every position in the extents, row-major: `for (const auto& at : positions(extents))` is one loop per axis.
template <std::size_t Dims>
class Positions {
 public:
  class Iterator {
   public:
    using value_type = Extents<Dims>;
    using difference_type = std::ptrdiff_t;

    constexpr explicit Iterator(const Extents<Dims>& extents) : extents_(extents), left_(volume(extents)) {}
    constexpr const Extents<Dims>& operator*() const { return at_; }
    constexpr Iterator& operator++() {
      --left_;
      for (std::size_t axis = Dims; axis-- > 0;) {
        if (++at_[axis] < extents_[axis]) break;
        at_[axis] = 0;
      }
      return *this;
    }
    constexpr bool operator==(std::default_sentinel_t) const { return left_ == 0; }

   private:
    Extents<Dims> at_{};
    Extents<Dims> extents_;
    Index left_;
  };

  constexpr explicit Positions(const Extents<Dims>& extents) : extents_(extents) {}
  constexpr Iterator begin() const { return Iterator(extents_); }
  constexpr std::default_sentinel_t end() const { return {}; }

 private:
  Extents<Dims> extents_;
};

template <std::size_t Dims>
constexpr Positions<Dims> positions(const Extents<Dims>& extents) {
  return Positions<Dims>(extents);
}

}  // namespace refloop
