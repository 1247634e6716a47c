// The loops of include/refloop/conv.h. They check nothing and write the output they are given.
#pragma once

#include <cstddef>
#include <optional>

#include "kernels/sum.h"
#include "refloop/tensor.h"
#include "refloop/window.h"

namespace refloop {

template <class Sum, std::size_t Rank>
void conv_loops(const TensorView<const Value<Sum>, Rank>& input, const TensorView<const Value<Sum>, Rank>& weight,
                const std::optional<TensorView<const Value<Sum>, 1>>& bias, const Window<Rank - 2>& window,
                Index groups, const TensorView<Total<Sum>, Rank>& output) {
  const Index batch = output.extents[0];
  const Index out_channels = output.extents[1];
  const Index channels_per_group = weight.extents[1];

  for (Index n = 0; n < batch; ++n) {
    for (Index oc = 0; oc < out_channels; ++oc) {
      const Index first_channel = oc / (out_channels / groups) * channels_per_group;
      for (const auto& out : positions(output.spatial())) {
        Sum sum = bias ? Sum((*bias)(oc)) : Sum();
        for (Index ic = 0; ic < channels_per_group; ++ic) {
          for (const auto& tap : positions(window.kernel)) {
            const auto in = window.input_position(out, tap);
            const auto value = inside(in, input.spatial()) ? input(n, first_channel + ic, in) : Value<Sum>{0};
            sum.add(weight(oc, ic, tap), value);  // padding is a zero that is multiplied, as in LibTorch
          }
        }

        output(n, oc, out) = sum.result();
      }
    }
  }
}

/// The same with taps outside and channels inside, as LibTorch has it on channels_last tensors (there the bias goes
/// last, too: StartLast).
template <class Sum, std::size_t Rank>
void conv_taps_outside(const TensorView<const Value<Sum>, Rank>& input,
                       const TensorView<const Value<Sum>, Rank>& weight,
                       const std::optional<TensorView<const Value<Sum>, 1>>& bias, const Window<Rank - 2>& window,
                       Index groups, const TensorView<Total<Sum>, Rank>& output) {
  const Index batch = output.extents[0];
  const Index out_channels = output.extents[1];
  const Index channels_per_group = weight.extents[1];

  for (Index n = 0; n < batch; ++n) {
    for (Index oc = 0; oc < out_channels; ++oc) {
      const Index first_channel = oc / (out_channels / groups) * channels_per_group;
      for (const auto& out : positions(output.spatial())) {
        Sum sum = bias ? Sum((*bias)(oc)) : Sum();
        for (const auto& tap : positions(window.kernel)) {
          for (Index ic = 0; ic < channels_per_group; ++ic) {
            const auto in = window.input_position(out, tap);
            const auto value = inside(in, input.spatial()) ? input(n, first_channel + ic, in) : Value<Sum>{0};
            sum.add(weight(oc, ic, tap), value);
          }
        }

        output(n, oc, out) = sum.result();
      }
    }
  }
}

}  // namespace refloop
