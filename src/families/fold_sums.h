// The two sides of a folded sum: windows over a combination of input planes, and a combination of outputs.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <numeric>
#include <span>
#include <utility>
#include <vector>

#include "refloop/window.h"

namespace refloop::fold {

using Whole = std::uint64_t;  // wraps

/// to[at * to_step] += factor * from[at * from_step], of whole numbers.
void add_times(Whole factor, const float* from, Index from_step, Whole* to, Index to_step, Index count);
void add_times(Whole factor, const double* from, Index from_step, Whole* to, Index to_step, Index count);

/// sums[at] += weights[tap] * cells[taps[tap] + at].
void add_windows(const Whole* cells, std::span<const Index> taps, const Whole* weights, std::span<Whole> sums);

/// sums[at] += factor * from[at] * divisors[at]. odd[at] is no longer 0 where that product is no whole number below
/// 2^24, or 2^53, or a zero with a sign.
void add_outputs(Whole factor, const float* from, const float* divisors, std::span<Whole> sums, Whole* odd);
void add_outputs(Whole factor, const double* from, const double* divisors, std::span<Whole> sums, Whole* odd);

/// One axis of a Plane. The tap `tap` of the output `out` reads the padded cell out * stride + tap * dilation, which is
/// remainder + stride * (out + shift): each remainder that occurs has a block, and the cell stands there at out +
/// shift.
struct PlaneAxis {
  /// `count` inputs, `stride` apart from `in` on, stand in one block from `first` on.
  struct Run {
    Index in, block, first, count;
  };

  Index outputs, stride, dilation, length = 0;  // of a block
  std::vector<Index> remainders;                // of the blocks
  std::vector<Run> runs;
  Index step = 0, block_step = 0;  // from one cell, and from one block, to the next

  PlaneAxis(Index input, Index output, Index kernel, Index strides, Index before, Index gap);
  Index block_of(Index cell) const {
    return std::find(remainders.begin(), remainders.end(), cell % stride) - remainders.begin();
  }
  Index place_of_tap(Index tap) const { return block_of(tap * dilation) * block_step + tap * dilation / stride * step; }
};

/// An input plane with its padding, laid out so that what a tap reads for the outputs lies in one row.
template <std::size_t Dims>
class Plane {
 public:
  Plane(const Window<Dims>& window, const Extents<Dims>& input, const Extents<Dims>& output) {
    for (std::size_t axis = 0; axis < Dims; ++axis) {
      axes_.emplace_back(input[axis], output[axis], window.kernel[axis], window.stride[axis],
                         window.padding_before[axis], window.dilation[axis]);
    }
    const double most = 4096 + 16 * (static_cast<double>(volume(input)) + static_cast<double>(volume(output)));
    const double cells = arrange();
    if (cells > most) return;
    cells_.resize(static_cast<std::size_t>(cells));
    for (const auto& tap : positions(window.kernel)) {
      Index place = 0;
      for (std::size_t axis = 0; axis < Dims; ++axis) place += axes_[axis].place_of_tap(tap[axis]);
      taps_.push_back(place);
    }
  }

  /// False where it would be little but padding.
  bool fits() const { return !cells_.empty(); }

  void clear() { std::fill(cells_.begin(), cells_.end(), 0); }

  /// Adds an input plane, times that number. `strides` are those of the plane.
  template <class T>
  void add(Whole factor, const T* input, const Extents<Dims>& strides) {
    Extents<Dims> blocks{};
    for (std::size_t axis = 0; axis < Dims; ++axis) blocks[axis] = static_cast<Index>(axes_[axis].runs.size());
    for (const auto& block : positions(blocks)) add_block(factor, input, strides, block);
  }

  /// One sum for each output, at `place(out)`, and some that mean nothing between them.
  std::vector<Whole> no_sums() const {
    Index last = 0;
    for (const PlaneAxis& axis : axes_) last += (axis.outputs - 1) * axis.step;
    return std::vector<Whole>(static_cast<std::size_t>(last + 1));
  }
  std::size_t place(const Extents<Dims>& out) const {
    Index place = 0;
    for (std::size_t axis = 0; axis < Dims; ++axis) place += out[axis] * axes_[axis].step;
    return static_cast<std::size_t>(place);
  }
  /// Adds what all windows hold, each tap times its weight.
  void add_windows_to(std::vector<Whole>& sums, const Whole* weights) const {
    add_windows(cells_.data(), taps_, weights, sums);
  }

 private:
  /// Gives the axes their steps, and how many cells that takes; as a double, since no Index may hold it.
  double arrange() {
    std::array<std::size_t, Dims> order;  // the innermost is the axis with the least beside its outputs
    std::iota(order.rbegin(), order.rend(), std::size_t{0});
    const auto spread = [&](std::size_t axis) {
      return static_cast<double>(axes_[axis].length) / static_cast<double>(axes_[axis].outputs);
    };
    std::stable_sort(order.begin(), order.end(),
                     [&](std::size_t one, std::size_t other) { return spread(one) < spread(other); });
    constexpr double most = 0x1p62;
    double cells = 1;
    for (const std::size_t axis : order) {
      axes_[axis].step = static_cast<Index>(std::min(cells, most));
      cells *= static_cast<double>(axes_[axis].length);
    }
    for (PlaneAxis& axis : axes_) {
      axis.block_step = static_cast<Index>(std::min(cells, most));
      cells *= static_cast<double>(axis.remainders.size());
    }
    return cells;
  }

  template <class T>
  void add_block(Whole factor, const T* input, const Extents<Dims>& strides, const Extents<Dims>& block) {
    Extents<Dims> rows{}, from_steps{};
    Index from = 0, to = 0;
    for (std::size_t axis = 0; axis < Dims; ++axis) {
      const PlaneAxis& along = axes_[axis];
      const PlaneAxis::Run& run = along.runs[static_cast<std::size_t>(block[axis])];
      rows[axis] = run.count;
      from_steps[axis] = along.stride * strides[axis];
      from += run.in * strides[axis];
      to += run.block * along.block_step + run.first * along.step;
    }
    const Index width = std::exchange(rows[Dims - 1], 1);
    for (const auto& row : positions(rows)) {
      const Index in = std::inner_product(row.begin(), row.end(), from_steps.begin(), from);
      add_times(factor, input + in, from_steps[Dims - 1], cells_.data() + to + place(row), axes_[Dims - 1].step, width);
    }
  }

  std::vector<PlaneAxis> axes_;
  std::vector<Index> taps_;  // where each reads for the first output
  std::vector<Whole> cells_;
};

/// A combination of output planes, times their divisors.
template <class T>
class OutputSums {
 public:
  explicit OutputSums(std::vector<T> divisors)
      : divisors_(std::move(divisors)), sums_(divisors_.size()), odd_(divisors_.size()) {}

  void clear() {
    std::fill(sums_.begin(), sums_.end(), 0);
    std::fill(odd_.begin(), odd_.end(), 0);
  }
  /// Adds a dense plane, times that number.
  void add(Whole factor, const T* plane) { add_outputs(factor, plane, divisors_.data(), sums_, odd_.data()); }
  bool is(std::size_t at, Whole due) const { return odd_[at] == 0 && sums_[at] == due; }
  T divisor(std::size_t at) const { return divisors_[at]; }

 private:
  std::vector<T> divisors_;
  std::vector<Whole> sums_, odd_;
};

}  // namespace refloop::fold
