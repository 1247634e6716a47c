// Convolution on one plane, the first thing to read:
//
//   output[i, j] = sum over kh, kw of kernel[kh, kw] * padded[i*stride + kh*dilation, j*stride + kw*dilation]
//
// where `padded` is the plane with `padding` zeros on each of its four sides. (The operator that networks call
// convolution does not flip the kernel.) The same for batches, channels and groups: conv.h.
#pragma once

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

}  // namespace refloop
