// From types known at run time to templates. Used in family files and in data.cpp, nowhere above them.
#pragma once

#include <cstdint>
#include <utility>

#include "refloop/check.h"

namespace refloop {

/// Calls `body.operator()<T>()` with the element type of `dtype`.
template <class Body>
decltype(auto) dispatch(DType dtype, Body&& body) {
  switch (dtype) {
    case DType::f64:
      return body.template operator()<double>();
    case DType::f32:
      return body.template operator()<float>();
    case DType::int64:
      return body.template operator()<std::int64_t>();
    case DType::int32:
      return body.template operator()<std::int32_t>();
    case DType::int16:
      return body.template operator()<std::int16_t>();
    case DType::int8:
      return body.template operator()<std::int8_t>();
    case DType::uint8:
      return body.template operator()<std::uint8_t>();
  }
  throw Error("no such dtype");
}

/// Calls `body.operator()<T, Dims>()`.
template <class Body>
decltype(auto) dispatch(DType dtype, int dims, Body&& body) {
  return dispatch(dtype, [&]<class T>() -> decltype(auto) {
    switch (dims) {
      case 1:
        return body.template operator()<T, 1>();
      case 2:
        return body.template operator()<T, 2>();
      default:
        return body.template operator()<T, 3>();
    }
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

}  // namespace refloop
