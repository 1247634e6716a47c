// What families with a sliding window share: shapes and windows of a case, and the shape of their sweeps.
#pragma once

#include <algorithm>
#include <initializer_list>

#include "check/dispatch.h"
#include "kernels/checks.h"
#include "refloop/check.h"
#include "refloop/window.h"

namespace refloop {

/// conv2d, max_pool3d, ...
inline std::string operator_name(const Case& c) {
  return std::string(c.family->name) + std::to_string(c.dims) + 'd';
}

/// Padding of pools is alike on both sides, so that their texts know no padding after.
inline const Axes& padding_after(const Case& c) {
  const bool has_after = std::any_of(c.family->fields.begin(), c.family->fields.end(),
                                     [](const Field& field) { return field.same_as == &Case::before; });
  return has_after ? c.after : c.before;
}

inline WindowNumbers window_numbers(const Case& c) {
  return {first_axes(c.kernel, c.dims), first_axes(c.stride, c.dims), first_axes(c.before, c.dims),
          first_axes(padding_after(c), c.dims), first_axes(c.dilation, c.dims)};
}

template <std::size_t Dims>
Window<Dims> window_of(const Case& c) {
  return {first_axes<Dims>(c.kernel),         first_axes<Dims>(c.stride),   first_axes<Dims>(c.before),
          first_axes<Dims>(padding_after(c)), first_axes<Dims>(c.dilation), c.ceil};
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

inline Index volume_of(const Axes& axes, int dims) {
  Index product = 1;
  for (const Index extent : first_axes(axes, dims)) product *= extent;
  return product;
}

/// Grows the input until the window fits.
inline void settle_window(Case& c) {
  for (std::size_t axis = 0; axis < static_cast<std::size_t>(c.dims); ++axis) {
    const Index reach = c.dilation[axis] * (c.kernel[axis] - 1) + 1;
    c.input[axis] = std::max({c.input[axis], reach - c.before[axis] - padding_after(c)[axis], Index{1}});
  }
}

// ---- sweeps: uneven sizes per axis throughout, so that a swapped axis shows ----

struct Kind {
  DType dtype;
  Data data;
};

/// Small, with uneven sizes and an uneven kernel.
inline Case sweep_base(const Family& family, int dims) {
  Case c;
  c.family = &family;
  c.dims = dims;
  c.batch = 2;
  c.channels = 3;
  const Axes sizes[] = {{13}, {9, 11}, {6, 5, 7}};
  c.input = sizes[dims - 1];
  return c;
}

/// The numbers in turn, axis by axis.
inline void set_axes(Case& c, Axes Case::*at, std::initializer_list<Index> cycle) {
  for (std::size_t axis = 0; axis < static_cast<std::size_t>(c.dims); ++axis) {
    (c.*at)[axis] = cycle.begin()[axis % cycle.size()];
  }
}

/// The case in each kind of data, with a seed that differs from case to case.
inline void add_kinds(std::vector<Case>& cases, Case c, std::span<const Kind> kinds) {
  c.family->settle(c);
  for (const auto& [dtype, data] : kinds) {
    c.dtype = dtype;
    c.data = data;
    c.seed = cases.size();
    cases.push_back(c);
  }
}

}  // namespace refloop
