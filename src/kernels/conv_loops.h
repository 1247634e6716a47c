// The loops of include/refloop/conv.h. They check nothing and write the output they are given.
#pragma once

#include "kernels/instances.h"
#include "kernels/sum.h"
#include "refloop/conv.h"

namespace refloop {

template <class T, std::size_t Dims>
void conv_loops(const TensorView<const T, Dims + 2>& input, const TensorView<const T, Dims + 2>& weight,
                const std::optional<TensorView<const T, 1>>& bias, const Window<Dims>& window, Index groups,
                const TensorView<T, Dims + 2>& output) {
  const Index batch = output.extents[0];
  const Index out_channels = output.extents[1];
  const Index channels_per_group = weight.extents[1];

  for (Index n = 0; n < batch; ++n) {
    for (Index oc = 0; oc < out_channels; ++oc) {
      const Index first_channel = oc / (out_channels / groups) * channels_per_group;
      for (const auto& out : positions(output.spatial())) {
        InOrder<T> sum(bias ? (*bias)(oc) : T{0});
        for (Index ic = 0; ic < channels_per_group; ++ic) {
          for (const auto& tap : positions(window.kernel)) {
            const auto in = window.input_position(out, tap);
            const T value = inside(in, input.spatial()) ? input(n, first_channel + ic, in) : T{0};
            sum.add(weight(oc, ic, tap), value);  // padding is a zero that is multiplied, as in LibTorch
          }
        }

        output(n, oc, out) = sum.result();
      }
    }
  }
}

/// The order LibTorch takes on channels_last tensors: taps outside, channels inside, the bias last.
template <class T, std::size_t Dims>
void conv_channels_last(const TensorView<const T, Dims + 2>& input, const TensorView<const T, Dims + 2>& weight,
                        const std::optional<TensorView<const T, 1>>& bias, const Window<Dims>& window, Index groups,
                        const TensorView<T, Dims + 2>& output) {
  const Index batch = output.extents[0];
  const Index out_channels = output.extents[1];
  const Index channels_per_group = weight.extents[1];

  for (Index n = 0; n < batch; ++n) {
    for (Index oc = 0; oc < out_channels; ++oc) {
      const Index first_channel = oc / (out_channels / groups) * channels_per_group;
      for (const auto& out : positions(output.spatial())) {
        InOrder<T> sum(T{0});
        for (const auto& tap : positions(window.kernel)) {
          const auto in = window.input_position(out, tap);
          for (Index ic = 0; ic < channels_per_group; ++ic) {
            const T value = inside(in, input.spatial()) ? input(n, first_channel + ic, in) : T{0};
            sum.add(weight(oc, ic, tap), value);
          }
        }
        if (bias) sum.add(T{1}, (*bias)(oc));

        output(n, oc, out) = sum.result();
      }
    }
  }
}

#define REFLOOP_CONV(PREFIX, NAME, T, DIMS)                                                                      \
  PREFIX template void NAME<T, DIMS>(const TensorView<const T, DIMS + 2>&, const TensorView<const T, DIMS + 2>&, \
                                     const std::optional<TensorView<const T, 1>>&, const Window<DIMS>&, Index,   \
                                     const TensorView<T, DIMS + 2>&);
#define REFLOOP_CONV_ELSEWHERE(T, DIMS) \
  REFLOOP_CONV(extern, conv_loops, T, DIMS) REFLOOP_CONV(extern, conv_channels_last, T, DIMS)
#define REFLOOP_CONV_ELSEWHERE_TYPE(T) REFLOOP_FOR_EACH_DIMS(REFLOOP_CONV_ELSEWHERE, T)
REFLOOP_FOR_EACH_TYPE(REFLOOP_CONV_ELSEWHERE_TYPE)

}  // namespace refloop
