// What families share: shapes and windows of a case.
#pragma once

#include <algorithm>
#include <vector>

#include "check/dispatch.h"
#include "check/mix.h"
#include "kernels/arguments.h"
#include "refloop/check.h"
#include "refloop/window.h"

namespace refloop {

inline WindowNumbers window_numbers(const Case& c) {
  return {first_axes(c.kernel, c.dims), first_axes(c.stride, c.dims),   first_axes(c.before, c.dims),
          first_axes(c.after, c.dims),  first_axes(c.dilation, c.dims), c.ceil};
}

template <std::size_t Dims>
Window<Dims> window_of(const Case& c) {
  return {first_axes<Dims>(c.kernel), first_axes<Dims>(c.stride),   first_axes<Dims>(c.before),
          first_axes<Dims>(c.after),  first_axes<Dims>(c.dilation), c.ceil};
}

/// Spatial sizes of the output.
inline Axes output_sizes(const Case& c) {
  const Axes sizes = window_of<3>(c).output_extents(c.input);
  Axes used = c.input;
  std::copy(sizes.begin(), sizes.begin() + c.dims, used.begin());
  return used;
}

inline std::vector<Index> with_axes(Index first, Index second, const Axes& axes, int dims) {
  std::vector<Index> shape{first, second};
  shape.insert(shape.end(), axes.begin(), axes.begin() + dims);
  return shape;
}
inline std::vector<Index> input_shape(const Case& c) {
  return with_axes(c.batch, c.channels, c.input, c.dims);
}

/// What every windowed operator is told.
inline std::vector<Argument> window_arguments(const Case& c) {
  const auto per_axis = [&](const Axes& axes) {
    const auto used = first_axes(axes, c.dims);
    return std::vector<Index>(used.begin(), used.end());
  };
  return {{"stride", per_axis(c.stride)},
          {"padding", per_axis(c.before)},
          {"padding_after", per_axis(c.after)},
          {"dilation", per_axis(c.dilation)}};
}

inline Index volume_of(const Axes& axes, int dims) {
  return volume(first_axes(axes, dims));
}

inline Case with_data(Case c, Data data) {
  c.data = data;
  return c;
}

/// The taps of a window, one axis after the other: kd, kh, kw.
inline void add_tap_axes(std::vector<TermAxis>& axes, const Case& c) {
  constexpr std::string_view names[] = {"kd", "kh", "kw"};
  const auto dims = static_cast<std::size_t>(c.dims);
  for (std::size_t axis = 0; axis < dims; ++axis) axes.push_back({names[3 - dims + axis], c.kernel[axis]});
}

/// The same number on every axis that counts.
inline void fill_axes(Case& c, Axes Case::*at, Index value) {
  std::fill_n((c.*at).begin(), c.dims, value);
}

/// One of the choices.
template <std::size_t Size>
Index one_of(const Draw& draw, Index position, const Index (&choices)[Size]) {
  return choices[draw(position) % Size];
}

/// Grows the input until the window fits; under ceil_mode it may hang over the end.
inline void settle_window(Case& c) {
  for (std::size_t axis = 0; axis < static_cast<std::size_t>(c.dims); ++axis) {
    const Index overhang = c.ceil ? c.stride[axis] - 1 : 0;
    const Index least = reach(c.kernel[axis], c.dilation[axis]) - c.before[axis] - c.after[axis] - overhang;
    c.input[axis] = std::max({c.input[axis], least, Index{1}});
  }
}

}  // namespace refloop
