// What calls with a sliding window share: the axes of a case as LibTorch takes them, and the padding that it lacks.
#pragma once

#include <torch/expanding_array.h>
#include <torch/types.h>

#include <vector>

#include "refloop/case.h"

namespace refloop::parity {

template <std::size_t Dims>
torch::ExpandingArray<Dims> expanding(const Axes& axes) {
  return torch::IntArrayRef(axes.data(), Dims);
}

/// As LibTorch always does.
inline bool pads_alike(const Case& c) {
  return c.before == c.after;
}

/// The tensor with so many cells of a value before and after it on its spatial axes.
inline torch::Tensor padded(const torch::Tensor& tensor, const Axes& before, const Axes& after,
                            const torch::Scalar& value) {
  std::vector<Index> sides;  // last axis first
  for (auto axis = static_cast<std::size_t>(tensor.dim()) - 2; axis-- > 0;) {
    sides.insert(sides.end(), {before[axis], after[axis]});
  }
  return torch::constant_pad_nd(tensor, sides, value);
}

}  // namespace refloop::parity
