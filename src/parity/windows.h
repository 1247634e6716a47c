// What calls with a sliding window share: the axes of a case as LibTorch takes them, and the padding that it lacks.
#pragma once

#include <c10/core/MemoryFormat.h>
#include <torch/expanding_array.h>
#include <torch/types.h>

#include <vector>

#include "check/tensors.h"
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

/// Sizes and strides as LibTorch looks at them to find out in which format a tensor lies.
struct Strided {
  std::vector<Index> shape, strides;
};

inline Strided lying_in(const std::vector<Index>& shape, Layout layout) {
  return {shape, strides_of(shape, layout)};
}

/// What a 1d operator is to LibTorch: a 2d one of height 1.
inline Strided with_height_1(Strided tensor) {
  tensor.strides.insert(tensor.strides.begin() + 2, tensor.shape[2] * tensor.strides[2]);
  tensor.shape.insert(tensor.shape.begin() + 2, 1);
  return tensor;
}

/// LibTorch's own guess, `suggest_memory_format`: of tensors with axes of size 1 it can't be sure.
inline bool looks_channels_last(const Strided& tensor) {
  switch (tensor.shape.size()) {
    case 4:
      return c10::is_channels_last_strides_2d(tensor.shape, tensor.strides);
    case 5:
      return c10::is_channels_last_strides_3d(tensor.shape, tensor.strides);
    default:
      return false;
  }
}

}  // namespace refloop::parity
