// Other views of a tensor's memory: what known mistakes read instead of what they should.
#pragma once

#include "refloop/check.h"

namespace refloop {

/// `count` entries of an axis from `start`, `step` apart.
inline AnyTensor narrow(AnyTensor tensor, std::size_t axis, Index start, Index count, Index step,
                        std::size_t element_bytes) {
  tensor.data = static_cast<char*>(tensor.data) + start * tensor.strides[axis] * static_cast<Index>(element_bytes);
  tensor.shape[axis] = count;
  tensor.strides[axis] *= step;
  return tensor;
}

/// The axis read backwards.
inline AnyTensor flip(const AnyTensor& tensor, std::size_t axis, std::size_t element_bytes) {
  return narrow(tensor, axis, tensor.shape[axis] - 1, tensor.shape[axis], -1, element_bytes);
}

inline AnyTensor transpose(AnyTensor tensor, std::size_t first, std::size_t second) {
  std::swap(tensor.shape[first], tensor.shape[second]);
  std::swap(tensor.strides[first], tensor.strides[second]);
  return tensor;
}

}  // namespace refloop
