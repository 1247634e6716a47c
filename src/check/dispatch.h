// From types known at run time to templates: what a body is called with is what gets instantiated.
#pragma once

#include <span>

#include "refloop/case.h"
#include "refloop/error.h"

namespace refloop {

template <class First, class... Rest, class Body>
decltype(auto) dispatch(Types<First, Rest...>, DType dtype, Body&& body) {
  if constexpr (sizeof...(Rest) > 0) {
    if (dtype != dtype_of<First>) return dispatch(Types<Rest...>{}, dtype, body);
  }
  if (dtype != dtype_of<First>) throw Error("no such dtype");
  return body.template operator()<First>();
}

/// Calls `body.operator()<T>()` with the element type of `dtype`.
template <class Body>
decltype(auto) dispatch(DType dtype, Body&& body) {
  return dispatch(Elements{}, dtype, body);
}

/// Calls `body.operator()<Rank>()` for a tensor with `dims` spatial axes, 1 to 3.
template <class Body>
decltype(auto) dispatch_rank(int dims, Body&& body) {
  switch (dims) {
    case 1:
      return body.template operator()<3>();
    case 2:
      return body.template operator()<4>();
    default:
      return body.template operator()<5>();
  }
}

/// Calls `body.operator()<T, Rank>()`.
template <class Body>
decltype(auto) dispatch(DType dtype, int dims, Body&& body) {
  return dispatch(dtype, [&]<class T>() -> decltype(auto) {
    return dispatch_rank(dims,
                         [&]<std::size_t Rank>() -> decltype(auto) { return body.template operator()<T, Rank>(); });
  });
}

/// The first `dims` axes.
template <std::size_t Dims>
Extents<Dims> first_axes(const Axes& axes) {
  Extents<Dims> extents{};
  for (std::size_t axis = 0; axis < Dims; ++axis) extents[axis] = axes[axis];
  return extents;
}
std::span<const Index> first_axes(Axes&&, int) = delete;  // the span would outlive what it spans
inline std::span<const Index> first_axes(const Axes& axes, int dims) {
  return std::span(axes).first(static_cast<std::size_t>(dims));
}

inline bool is_integer_type(DType dtype) {
  return dispatch(dtype, []<class T>() { return is_integer<T>; });
}

}  // namespace refloop
