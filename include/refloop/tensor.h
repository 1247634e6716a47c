// A tensor is a pointer, the extents of its axes, and how far apart neighbours on each axis lie:
//
//   tensor(i0, i1, ...) = data[i0 * strides[0] + i1 * strides[1] + ...]
//
// `TensorView` borrows its memory, `Tensor` owns it. Strides count elements, may be negative, and need not be dense.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <iosfwd>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "refloop/error.h"

namespace refloop {

using Index = std::int64_t;

/// One number per axis: sizes, strides, or a position. Axes travel together, so that none is mixed up with another.
template <std::size_t Rank>
using Extents = std::array<Index, Rank>;

template <std::size_t Rank>
constexpr Extents<Rank> filled(Index value) {
  Extents<Rank> extents{};
  extents.fill(value);
  return extents;
}

/// How many positions the extents span; 1 for rank 0.
template <std::size_t Rank>
constexpr Index volume(const Extents<Rank>& extents) {
  Index product = 1;
  for (const Index extent : extents) product *= extent;
  return product;
}

/// `2x3`, the way sizes are written.
template <std::size_t Rank>
std::string to_string(const Extents<Rank>& extents) {
  std::string text;
  for (const Index extent : extents) {
    if (!text.empty()) text += 'x';
    text += std::to_string(extent);
  }
  return text;
}

/// Row-major strides without gaps: the last axis has stride 1.
template <std::size_t Rank>
constexpr Extents<Rank> dense_strides(const Extents<Rank>& extents) {
  Extents<Rank> strides{};
  Index step = 1;
  for (std::size_t axis = Rank; axis-- > 0;) {
    strides[axis] = step;
    step *= extents[axis];
  }
  return strides;
}

/// Borrowed memory of `Rank` axes. Copying a view copies no elements; nothing is checked on access.
template <class T, std::size_t Rank>
struct TensorView {
  T* data = nullptr;
  Extents<Rank> extents{};
  Extents<Rank> strides{};

  TensorView() = default;
  TensorView(T* memory, const Extents<Rank>& sizes, const Extents<Rank>& steps)
      : data(memory), extents(sizes), strides(steps) {}
  /// Dense memory, row-major.
  TensorView(T* memory, const Extents<Rank>& sizes) : TensorView(memory, sizes, dense_strides(sizes)) {}
  // Implicit, as T* to const T* is.
  template <class Mutable>
  requires std::same_as<const Mutable, T> TensorView(const TensorView<Mutable, Rank>& other)
      : TensorView(other.data, other.extents, other.strides) {}

  T& operator()(const Extents<Rank>& at) const {
    Index offset = 0;
    for (std::size_t axis = 0; axis < Rank; ++axis) offset += at[axis] * strides[axis];
    return data[offset];
  }

  template <std::integral... Indices>
  requires(sizeof...(Indices) == Rank) T& operator()(Indices... at) const {
    return (*this)(Extents<Rank>{static_cast<Index>(at)...});
  }

  /// Element of image `n`, channel `c`, at a spatial position.
  T& operator()(Index n, Index c, const Extents<Rank - 2>& at) const requires(Rank >= 2) {
    Index offset = n * strides[0] + c * strides[1];
    for (std::size_t axis = 2; axis < Rank; ++axis) offset += at[axis - 2] * strides[axis];
    return data[offset];
  }

  /// The extents behind batch and channel.
  Extents<Rank - 2> spatial() const requires(Rank >= 2) {
    Extents<Rank - 2> sizes{};
    for (std::size_t axis = 2; axis < Rank; ++axis) sizes[axis - 2] = extents[axis];
    return sizes;
  }
};

/// Owned, dense, row-major memory of `Rank` axes.
template <class T, std::size_t Rank>
class Tensor {
 public:
  Tensor() = default;
  explicit Tensor(const Extents<Rank>& extents, T value = T{}) : extents_(check(extents)) {
    elements_.assign(static_cast<std::size_t>(volume(extents)), value);
  }
  /// Takes the elements in row-major order; raises Error if their number is not that of the extents.
  Tensor(const Extents<Rank>& extents, std::vector<T> elements)
      : extents_(check(extents)), elements_(std::move(elements)) {
    if (static_cast<Index>(elements_.size()) != volume(extents)) {
      throw Error("tensor: " + to_string(extents) + " takes " + std::to_string(volume(extents)) + " elements, not " +
                  std::to_string(elements_.size()));
    }
  }

  const Extents<Rank>& extents() const { return extents_; }
  Index size() const { return static_cast<Index>(elements_.size()); }
  std::vector<T>& elements() { return elements_; }
  const std::vector<T>& elements() const { return elements_; }

  TensorView<T, Rank> view() { return {elements_.data(), extents_}; }
  TensorView<const T, Rank> view() const { return {elements_.data(), extents_}; }

  template <class... At>
  T& operator()(const At&... at) {
    return view()(at...);
  }
  template <class... At>
  const T& operator()(const At&... at) const {
    return view()(at...);
  }

  /// Same extents and elements that compare equal (so NaN differs from NaN, and -0 equals 0).
  friend bool operator==(const Tensor&, const Tensor&) = default;

 private:
  static const Extents<Rank>& check(const Extents<Rank>& extents) {
    auto room = static_cast<Index>(std::vector<T>().max_size());
    for (const Index extent : extents) {
      if (extent < 0) throw Error("tensor: extents take 0 or more, not " + to_string(extents));
      if (extent > 0) room /= extent;
    }
    if (room == 0) throw Error("tensor: " + to_string(extents) + " elements fit into no memory");
    return extents;
  }

  Extents<Rank> extents_{};
  std::vector<T> elements_;
};

/// Tensors written out as nested braces: `tensor({{0, 1}, {2, 3}})` is 2 x 2.
template <class T>
Tensor<T, 1> tensor(std::initializer_list<T> elements) {
  return {{static_cast<Index>(elements.size())}, std::vector<T>(elements)};
}
template <class T>
Tensor<T, 2> tensor(std::initializer_list<std::initializer_list<T>> rows) {
  std::vector<T> elements;
  const auto columns = rows.size() == 0 ? 0 : rows.begin()->size();
  for (const auto& row : rows) {
    if (row.size() != columns) {
      throw Error("tensor: every row has " + std::to_string(columns) + " elements, as the first one, not " +
                  std::to_string(row.size()));
    }
    elements.insert(elements.end(), row);
  }
  return {{static_cast<Index>(rows.size()), static_cast<Index>(columns)}, std::move(elements)};
}

/// The text that Python's torch shows for this tensor, `tensor([[1, 2], [3, 4]])`: four decimals, 80 columns,
/// and beyond 1,000 elements only three at each end of an axis.
template <class T, std::size_t Rank>
std::string to_string(const Tensor<T, Rank>& tensor);

/// Prints `TITLE (2x3)`, the tensor as Python's torch shows it, and an empty line.
template <class T, std::size_t Rank>
void print(const Tensor<T, Rank>& tensor, std::string_view title, std::ostream& out);
template <class T, std::size_t Rank>
void print(const Tensor<T, Rank>& tensor, std::string_view title = "");

}  // namespace refloop
