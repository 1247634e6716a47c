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
#include <span>
#include <string>
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

/// How many positions the sizes span; 1 where there are no axes.
template <class Sizes>
constexpr Index volume(const Sizes& sizes) {
  Index product = 1;
  for (const Index size : sizes) product *= size;
  return product;
}

/// The extents of a tensor of so many images and channels.
template <std::size_t Dims>
constexpr Extents<Dims + 2> with_spatial(Index batch, Index channels, const Extents<Dims>& spatial) {
  Extents<Dims + 2> extents{batch, channels};
  for (std::size_t axis = 0; axis < Dims; ++axis) extents[axis + 2] = spatial[axis];
  return extents;
}

/// `2x3`, the way sizes are written.
inline std::string to_string(std::span<const Index> sizes) {
  std::string text;
  for (const Index size : sizes) {
    if (!text.empty()) text += 'x';
    text += std::to_string(size);
  }
  return text;
}

/// Row-major strides without gaps: the last axis has stride 1. For Extents as for a vector of sizes.
template <class Sizes>
constexpr Sizes dense_strides(const Sizes& sizes) {
  Sizes strides = sizes;
  auto step = std::uint64_t{1};  // of sizes that no memory holds it wraps, and a check refuses them
  for (std::size_t axis = sizes.size(); axis-- > 0;) {
    strides[axis] = static_cast<Index>(step);
    step *= static_cast<std::uint64_t>(sizes[axis]);
  }
  return strides;
}

/// The one question asked of an element type: whether it is a whole number, which wraps, or a float, which rounds.
template <class T>
inline constexpr bool is_integer = std::is_integral_v<T>;

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

}  // namespace refloop
