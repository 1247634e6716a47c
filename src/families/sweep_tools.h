// What the sweeps of all families share. Sizes are uneven per axis throughout, so that a swapped axis shows.
#pragma once

#include <initializer_list>
#include <span>
#include <vector>

#include "refloop/check.h"

namespace refloop {

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
  const Axes sizes[] = {{}, {13}, {9, 11}, {6, 5, 7}};
  c.input = sizes[dims];
  return c;
}

/// The numbers in turn, axis by axis.
inline void set_axes(Case& c, Axes Case::*at, std::initializer_list<Index> cycle) {
  for (std::size_t axis = 0; axis < static_cast<std::size_t>(c.dims); ++axis) {
    (c.*at)[axis] = cycle.begin()[axis % cycle.size()];
  }
}

/// The case in each kind of data, with a seed that differs from case to case. Padding after as before, unless the case
/// has its own.
inline void add_kinds(std::vector<Case>& cases, Case c, std::span<const Kind> kinds) {
  if (c.after == Axes{}) c.after = c.before;
  c.family->settle(c);
  for (const auto& [dtype, data] : kinds) {
    c.dtype = dtype;
    c.data = data;
    c.seed = cases.size();
    cases.push_back(c);
  }
}

}  // namespace refloop
