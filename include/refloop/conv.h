// Convolution over batches, channels and groups, in one, two or three spatial axes:
//
//   output[n, oc, out] = bias[oc] + sum over ic, tap of weight[oc, ic, tap] * input[n, group(oc)*C/groups + ic, in]
//   in                 = out * stride - padding + tap * dilation
//   group(oc)          = oc / (O / groups)
//
//   input   N x C x spatial            weight  O x C/groups x kernel
//   bias    O, or none                 output  N x O x spatial (window.h has the sizes)
//
// Order of summation: starts at the bias (or 0), then ic from first to last, and within it the taps in row-major
// order; each product is rounded, then each sum. Integers wrap. A tap over padding multiplies a zero, so an infinite
// or NaN weight over padding gives NaN. This is what LibTorch's native CPU kernel does, to the last bit, on
// contiguous tensors over a BLAS that sums in order; on channels_last tensors it puts the taps outside, the channels
// inside, and the bias last: `conv_taps_outside` in src/kernels/conv_loops.h.
//
// Source of the contract: torch.nn.functional.conv2d (shapes, names, defaults); the order is measured.
#pragma once

#include <cstddef>
#include <optional>
#include <type_traits>

#include "refloop/tensor.h"
#include "refloop/window.h"

namespace refloop {

template <std::size_t Dims>
struct ConvSettings {
  Extents<Dims> stride = filled<Dims>(1);        // 1 or more
  Extents<Dims> padding{};                       // zeros before each axis, and after it unless padding_after says
  std::optional<Extents<Dims>> padding_after{};  // zeros after each axis, 0 or more
  Extents<Dims> dilation = filled<Dims>(1);      // 1 = no gaps
  Index groups = 1;                              // divides input and output channels

  constexpr Window<Dims> window(const Extents<Dims>& kernel) const {
    return {kernel, stride, padding, padding_after.value_or(padding), dilation};
  }
};

/// Spatial extents of the output; raises Error where `conv` would.
template <std::size_t Dims>
Extents<Dims> conv_output_extents(const Extents<Dims>& input, const Extents<Dims>& kernel,
                                  const ConvSettings<Dims>& settings = {});

/// Convolution into memory of the caller's, any strides. T: float, double, (u)int8, int16, int32, int64.
/// Raises Error, before any element is written, for settings out of range, an empty axis, channels that do not fit
/// together, a kernel larger than the padded input, or an output of the wrong extents. Output must not overlap
/// input, weight or bias.
template <class T, std::size_t Rank>
void conv(const std::type_identity_t<TensorView<const T, Rank>>& input,
          const std::type_identity_t<TensorView<const T, Rank>>& weight,
          const std::type_identity_t<std::optional<TensorView<const T, 1>>>& bias,
          const ConvSettings<Rank - 2>& settings, const TensorView<T, Rank>& output);

/// The same for people who read or experiment: `Tensor y = conv2d(x, w, bias, {.stride = {2, 1}});`, bias `{}` for
/// none.
template <class T, std::size_t Rank>
Tensor<T, Rank> conv_value(const Tensor<T, Rank>& input, const Tensor<T, Rank>& weight,
                           const std::optional<Tensor<T, 1>>& bias, const ConvSettings<Rank - 2>& settings) {
  const auto spatial = conv_output_extents(input.view().spatial(), weight.view().spatial(), settings);
  Tensor<T, Rank> output(with_spatial(input.extents()[0], weight.extents()[0], spatial));
  std::optional<TensorView<const T, 1>> bias_view;
  if (bias) bias_view = bias->view();
  conv(input.view(), weight.view(), bias_view, settings, output.view());
  return output;
}

template <class T>
using OptionalBias = std::type_identity_t<std::optional<Tensor<T, 1>>>;

template <class T>
Tensor<T, 3> conv1d(const Tensor<T, 3>& input, const Tensor<T, 3>& weight, const OptionalBias<T>& bias = {},
                    const ConvSettings<1>& settings = {}) {
  return conv_value(input, weight, bias, settings);
}
template <class T>
Tensor<T, 4> conv2d(const Tensor<T, 4>& input, const Tensor<T, 4>& weight, const OptionalBias<T>& bias = {},
                    const ConvSettings<2>& settings = {}) {
  return conv_value(input, weight, bias, settings);
}
template <class T>
Tensor<T, 5> conv3d(const Tensor<T, 5>& input, const Tensor<T, 5>& weight, const OptionalBias<T>& bias = {},
                    const ConvSettings<3>& settings = {}) {
  return conv_value(input, weight, bias, settings);
}

}  // namespace refloop
