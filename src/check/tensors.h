// Making, poisoning, copying and comparing tensors whose type is known at run time.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "refloop/case.h"

namespace refloop {

/// Raises Error when the sizes ask for more elements than a case may have.
void check_elements(std::string_view name, std::span<const Index> shape);

/// Fresh memory in the layout, 64-byte aligned, poisoned. Raises Error where check_elements does.
AnyTensor make_tensor(std::string_view name, DType dtype, std::vector<Index> shape, Layout layout = Layout::dense);

std::size_t element_size(DType dtype);
/// Elements of memory that the tensor spans, gaps included.
std::size_t memory_span(const AnyTensor& tensor);

/// Fills with a bit pattern that no kernel computes: a NaN, or a number far from all data.
void poison(AnyTensor& tensor);

inline bool is_dense(const AnyTensor& tensor) {
  return tensor.strides == dense_strides(tensor.shape);
}

/// Calls `visit(offset)` for each element in row-major order.
template <class Visit>
void for_each_offset(const AnyTensor& tensor, Visit&& visit) {
  const Index count = tensor.size();
  if (is_dense(tensor)) {
    for (Index offset = 0; offset < count; ++offset) visit(offset);
    return;
  }
  std::vector<Index> at(tensor.shape.size());
  Index offset = 0;
  for (Index left = count; left > 0; --left) {
    visit(offset);
    for (std::size_t axis = at.size(); axis-- > 0;) {
      offset += tensor.strides[axis];
      if (++at[axis] < tensor.shape[axis]) break;
      offset -= tensor.strides[axis] * at[axis];
      at[axis] = 0;
    }
  }
}

/// Same layout and elements, memory of its own.
AnyTensor copy(const AnyTensor& tensor);
/// Whole memory equal, gaps between strided elements included.
bool same_memory(const AnyTensor& a, const AnyTensor& b);

struct Comparison {
  Index compared = 0, differing = 0;
  std::vector<Index> first;                // position of the first difference
  std::vector<std::vector<bool>> touched;  // per axis, which indices differ somewhere
};
/// Element by element in row-major order, by bits. NaN equals NaN unless payloads count. Shapes and dtypes must agree.
Comparison compare(const AnyTensor& expected, const AnyTensor& got, bool payloads_count);

/// One element in decimal (every bit of it) and in hexadecimal.
std::string decimal(const AnyTensor& tensor, const std::vector<Index>& at);
std::string hexadecimal(const AnyTensor& tensor, const std::vector<Index>& at);

/// All but at most one in 64 elements are the same kind of nothing: zero, or NaN.
bool tells_little(const AnyTensor& tensor);

}  // namespace refloop
