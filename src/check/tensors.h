// Making, poisoning, copying and comparing tensors whose type is known at run time.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "refloop/case.h"

namespace refloop {

/// Raises Error when the sizes ask for more elements than a case may have.
void check_elements(std::string_view name, std::span<const Index> shape);

/// Strides of a tensor of these sizes in the layout.
std::vector<Index> strides_of(const std::vector<Index>& shape, Layout layout);

/// Fresh memory, aligned to 64 bytes but for the offset, poisoned. Raises Error where check_elements does.
AnyTensor make_tensor(std::string_view name, DType dtype, std::vector<Index> shape, Memory memory = {});

std::size_t element_size(DType dtype);
/// Elements of memory that the tensor spans, gaps included.
std::size_t memory_span(const AnyTensor& tensor);

/// The tensors as a list, moved: an initializer list would copy them.
template <class... More>
std::vector<AnyTensor> list_of(AnyTensor first, More... more) {
  std::vector<AnyTensor> list;
  list.reserve(4);
  list.push_back(std::move(first));
  (list.push_back(std::move(more)), ...);
  return list;
}

inline bool is_dense(const AnyTensor& tensor) {
  return tensor.strides == dense_strides(tensor.shape);
}

/// Calls `visit(offset, other)` for each element in row-major order; `other` is its offset with other strides.
template <class Visit>
void for_each_offset(const AnyTensor& tensor, const std::vector<Index>& other_strides, Visit&& visit) {
  std::vector<Index> at(tensor.shape.size());
  Index offset = 0, other = 0;
  for (Index left = tensor.size(); left > 0; --left) {
    visit(offset, other);
    for (std::size_t axis = at.size(); axis-- > 0;) {
      offset += tensor.strides[axis];
      other += other_strides[axis];
      if (++at[axis] < tensor.shape[axis]) break;
      offset -= tensor.strides[axis] * at[axis];
      other -= other_strides[axis] * at[axis];
      at[axis] = 0;
    }
  }
}

/// Calls `visit(offset)` for each element in row-major order.
template <class Visit>
void for_each_offset(const AnyTensor& tensor, Visit&& visit) {
  if (!is_dense(tensor)) {
    for_each_offset(tensor, tensor.strides, [&](Index offset, Index) { visit(offset); });
    return;
  }
  const Index count = tensor.size();
  for (Index offset = 0; offset < count; ++offset) visit(offset);
}

/// Where element `number` in row-major order stands.
std::vector<Index> position_in(std::span<const Index> shape, Index number);
/// How many elements behind the first the one at that position lies.
Index offset_of(const AnyTensor& tensor, std::span<const Index> at);

/// Same layout and elements, memory of its own, what lies before and between its elements included.
AnyTensor copy(const AnyTensor& tensor);
/// The same elements without gaps, of whatever memory.
AnyTensor dense_copy(const AnyTensor& tensor);
/// The elements of floats in row-major order.
std::vector<double> elements_of(const AnyTensor& tensor);
/// The memory of a tensor made here: what lies before its elements, and between them, included.
std::span<std::byte> whole_memory(const AnyTensor& tensor);

struct Comparison {
  Index compared = 0, differing = 0;
  Index on_border = 0;                     // of those that differ: first or last on some spatial axis
  std::optional<std::uint64_t> most_ulps;  // of those that differ and are finite floats
  Index zero_signs = 0, payloads = 0;      // zeros of the other sign and other NaNs, where those do not count
  std::vector<Index> first;                // position of the first difference
  std::vector<std::vector<bool>> touched;  // per axis, which indices differ somewhere
};
/// What counts as a difference beside a value: the payload of a NaN, the sign of a zero.
struct Compare {
  bool payloads = false, zero_signs = true;
};
/// Element by element in row-major order, by bits. Shapes and dtypes must agree.
Comparison compare(const AnyTensor& expected, const AnyTensor& got, Compare counts);

/// Why the tensor can't be read as a subject's answer of these sizes and type, or nothing.
std::string unreadable(const AnyTensor& answer);

/// One element in decimal (every bit of it) and in hexadecimal.
std::string decimal(const AnyTensor& tensor, const std::vector<Index>& at);
std::string hexadecimal(const AnyTensor& tensor, const std::vector<Index>& at);

bool is_all_zero(const AnyTensor& tensor);
/// Whether the element is still as make_tensor left it.
bool is_unwritten(const AnyTensor& tensor, const std::vector<Index>& at);

/// All but at most one in 64 elements are the same kind of nothing: zero, or NaN.
bool tells_little(const AnyTensor& tensor);

}  // namespace refloop
