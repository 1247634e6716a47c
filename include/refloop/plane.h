// Convolution and pooling on one plane, the first thing to read:
//
//   convolve2d  output[i, j] = sum over kh, kw of kernel[kh, kw] * plane[y, x]
//   pool2d      output[i, j] = max, min or mean over kh, kw of plane[y, x]
//   y, x        i*stride - padding + kh*dilation, j*stride - padding + kw*dilation
//
// where a position outside the plane is padding: a zero for convolution and for the mean; for max and min it is no
// candidate at all. (The operator that networks call convolution does not flip the kernel.) The same for batches and
// channels: conv.h, pool.h.
#pragma once

#include <optional>
#include <string_view>
#include <type_traits>
#include <vector>

#include "refloop/tensor.h"

namespace refloop {

struct PlaneSettings {
  Index stride = 1;    // step of the window on both axes, 1 or more
  Index padding = 0;   // zeros on each side, 0 or more
  Index dilation = 1;  // distance between taps on both axes, 1 = no gaps
};

/// plane: ih x iw, kernel: kh x kw; returns oh x ow with oh = (ih + 2*padding - dilation*(kh - 1) - 1) / stride + 1.
/// T: float, double, or a signed or unsigned integer of 8 to 64 bits (sums of integers wrap).
/// Order of summation: row by row over the kernel, starting at 0.
/// Raises Error for settings out of range, an empty plane or kernel, or a kernel that does not fit.
template <class T>
Tensor<T, 2> convolve2d(const Tensor<T, 2>& plane, const Tensor<T, 2>& kernel, const PlaneSettings& settings = {});

struct PlanePoolSettings {
  std::optional<Index> stride{};  // step of the window on both axes, 1 or more; the size if not given
  Index padding = 0;              // cells on each side, 0 to half the size
  Index dilation = 1;             // distance between taps on both axes, 1 = no gaps
  std::string_view mode = "max";  // "max", "min", "avg" or its other name "mean"
};

/// Element type of a pooled plane: `Result` where it is given; else that of the plane, and float for integer planes,
/// whose mean is no integer.
template <class Result, class T>
using Pooled = std::conditional_t<!std::is_void_v<Result>, Result, std::conditional_t<is_integer<T>, float, T>>;

/// A plane pooled in its own element type; pool2d has the rest.
template <class T>
Tensor<T, 2> pool_plane(const Tensor<T, 2>& plane, Index size, const PlanePoolSettings& settings);

/// plane: ih x iw, window: size x size; returns oh x ow with oh = (ih + 2*padding - dilation*(size - 1) - 1) / stride
/// + 1. `pool2d(plane, 2, {.mode = "avg"})`; an integer plane gives floats, `pool2d<std::int64_t>(plane, 2)` keeps
/// integers. T: float, double, or an integer as in convolve2d. Result: T, float or double, which the elements are
/// turned to first. Order: row by row over the window. max and min: the first of equal values wins, the last NaN wins
/// over everything; a window wholly in padding gives -inf, inf or the type's end. mean: a sum from 0, then one division
/// by size * size: padding counts; 0 in place of -0. Raises Error for settings out of range, another mode, a mean asked
/// for as an integer, an empty plane, or a window that does not fit.
template <class Result = void, class T>
Tensor<Pooled<Result, T>, 2> pool2d(const Tensor<T, 2>& plane, Index size, const PlanePoolSettings& settings = {}) {
  using Out = Pooled<Result, T>;
  static_assert(std::is_same_v<Out, T> || !is_integer<Out>, "pool2d gives the plane's own type, float or double");
  const std::vector<T>& cells = plane.elements();
  return pool_plane(Tensor<Out, 2>(plane.extents(), std::vector<Out>(cells.begin(), cells.end())), size, settings);
}

}  // namespace refloop
