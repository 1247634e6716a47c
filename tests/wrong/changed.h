// Right loops on changed numbers: of a kernel that is wrong in what it makes of operands or results.
#pragma once

#include <cmath>
#include <cstring>

#include "corpus/kernel.h"

namespace wrong {

using namespace corpus;

/// To the nearest number of so many significand bits, to even between two; what is not finite stays.
inline float rounded(float value, int bits) {
  if (!std::isfinite(value)) return value;
  std::uint32_t raw = 0;
  std::memcpy(&raw, &value, sizeof raw);
  const int cut = 24 - bits;
  const std::uint32_t odd = raw >> cut & 1U, half = 1U << (cut - 1);
  raw = (raw + half - 1 + odd) >> cut << cut;
  std::memcpy(&value, &raw, sizeof value);
  return value;
}

inline bool is_whole(float value) {
  return value == std::floor(value);
}
inline float as_it_is(float value) {
  return value;
}

/// A convolution in f32 of what the functions make of its inputs, weights and outputs.
template <class OfInput, class OfWeight, class OfOutput>
int conv_of_changed(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                    DLTensor* output, OfInput of_input, OfWeight of_weight, OfOutput of_output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          for_each(w.spatial(), [&](const Position& tap) {
            const Position in = source(*p, out, tap);
            const float value = x.holds(in) ? x(n, oc / filters * per_group + ic, in) : 0.0F;
            sum += of_weight(w(oc, ic, tap)) * of_input(value);
          });
        }
        y(n, oc, out) = of_output(sum);
      });
    }
  }
  return 0;
}

/// An average in f32 of what the functions make of its cells and results.
template <class OfInput, class OfOutput>
int average_of_changed(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, OfInput of_input,
                       OfOutput of_output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input);
  const View<float> y(output);
  const Position kernel(p->kernel, p->kernel + y.spatial().size());
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each(y.spatial(), [&](const Position& out) {
        float sum = 0;
        Index inside = 0, counted = 0;
        for_each(kernel, [&](const Position& tap) {
          const Position in = source(*p, out, tap);
          bool in_padding = true;
          for (std::size_t axis = 0; axis < in.size(); ++axis) {
            in_padding = in_padding && in[axis] < x.shape[axis + 2] + p->padding_after[axis];
          }
          counted += in_padding ? 1 : 0;
          if (!x.holds(in)) return;
          ++inside;
          sum += of_input(x(n, c, in));
        });
        const Index cells = p->count_include_pad != 0 ? counted : inside;
        const Index divisor = p->divisor_override != 0 ? p->divisor_override : cells;
        y(n, c, out) = divisor == 0 ? 0.0F : of_output(sum / static_cast<float>(divisor));
      });
    }
  }
  return 0;
}

}  // namespace wrong
