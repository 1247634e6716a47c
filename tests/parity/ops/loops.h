// The loops under the operators of this folder, on dense memory.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>

namespace ops {

/// N x C x H x W.
using Sizes = std::array<std::int64_t, 4>;
using Pair = std::array<std::int64_t, 2>;

struct Settings {
  Pair stride{1, 1}, padding{0, 0}, dilation{1, 1};
  std::int64_t groups = 1;
  bool clamps = false;  // reads the nearest input cell in place of padding, which is wrong
};

inline Sizes output_sizes(const Sizes& x, const Sizes& w, const Settings& settings) {
  Sizes y{x[0], w[0], 0, 0};
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const std::int64_t reach = settings.dilation[axis] * (w[axis + 2] - 1) + 1;
    y[axis + 2] = (x[axis + 2] + 2 * settings.padding[axis] - reach) / settings.stride[axis] + 1;
  }
  return y;
}

template <class T>
T term_sum(const T* x, const Sizes& xs, const T* w, const Sizes& ws, const Settings& settings, Pair out, T sum) {
  for (std::int64_t channel = 0; channel < ws[1]; ++channel) {
    for (std::int64_t u = 0; u < ws[2]; ++u) {
      for (std::int64_t v = 0; v < ws[3]; ++v) {
        Pair in{out[0] * settings.stride[0] - settings.padding[0] + u * settings.dilation[0],
                out[1] * settings.stride[1] - settings.padding[1] + v * settings.dilation[1]};
        if (settings.clamps)
          in = {std::clamp<std::int64_t>(in[0], 0, xs[2] - 1), std::clamp<std::int64_t>(in[1], 0, xs[3] - 1)};
        if (in[0] < 0 || in[0] >= xs[2] || in[1] < 0 || in[1] >= xs[3]) continue;
        sum += w[(channel * ws[2] + u) * ws[3] + v] * x[(channel * xs[2] + in[0]) * xs[3] + in[1]];
      }
    }
  }
  return sum;
}

/// `bias` may be null.
template <class T>
void conv(const T* x, const Sizes& xs, const T* w, const Sizes& ws, const T* bias, const Settings& settings, T* y,
          const Sizes& ys) {
  for (std::int64_t n = 0; n < ys[0]; ++n) {
    for (std::int64_t o = 0; o < ys[1]; ++o) {
      const std::int64_t first_channel = o / (ys[1] / settings.groups) * ws[1];
      const T* const plane = x + (n * xs[1] + first_channel) * xs[2] * xs[3];
      const T* const filter = w + o * ws[1] * ws[2] * ws[3];
      for (std::int64_t i = 0; i < ys[2]; ++i) {
        for (std::int64_t j = 0; j < ys[3]; ++j) {
          *y++ = term_sum(plane, xs, filter, ws, settings, {i, j}, bias != nullptr ? bias[o] : T{0});
        }
      }
    }
  }
}

}  // namespace ops
