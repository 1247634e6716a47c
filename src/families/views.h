// Other views of a tensor's memory: what known mistakes read instead of what they should.
#pragma once

#include <utility>

#include "check/tensors.h"
#include "families/case_tools.h"
#include "refloop/check.h"

namespace refloop {

/// Without the tensor of that name.
inline void drop(std::vector<AnyTensor>& tensors, std::string_view name) {
  std::erase_if(tensors, [&](const AnyTensor& tensor) { return tensor.name == name; });
}

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

/// A dense copy of the input with its padding around it; `source(input, at)` gives what stands at an input position,
/// inside or outside the input.
template <class Source>
AnyTensor padded_input(const Case& c, const AnyTensor& input, Source&& source) {
  std::vector<Index> shape = input.shape;
  for (std::size_t axis = 0; axis < static_cast<std::size_t>(c.dims); ++axis) {
    shape[axis + 2] += c.before[axis] + c.after[axis];
  }
  AnyTensor padded = make_tensor(input.name, input.dtype, shape);
  dispatch(c.dtype, c.dims, [&]<class T, std::size_t Rank>() {
    const auto from = input.view<T, Rank>();
    const auto to = padded.view<T, Rank>();
    for (const auto& at : positions(to.extents)) {
      Extents<Rank> wanted = at;
      for (std::size_t axis = 0; axis + 2 < Rank; ++axis) wanted[axis + 2] -= c.before[axis];
      to(at) = source(from, wanted);
    }
  });
  return padded;
}

/// A dense copy in which each element is `change` of the old one.
template <class Change>
AnyTensor changed(const Case& c, const AnyTensor& tensor, Change&& change) {
  AnyTensor fresh = make_tensor(tensor.name, tensor.dtype, tensor.shape);
  dispatch(c.dtype, c.dims, [&]<class T, std::size_t Rank>() {
    const auto from = tensor.view<T, Rank>();
    const auto to = fresh.view<T, Rank>();
    for (const auto& at : positions(to.extents)) to(at) = change(from(at));
  });
  return fresh;
}

}  // namespace refloop
