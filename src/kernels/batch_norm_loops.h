// The loops of include/refloop/batch_norm.h. They check nothing and write the output they are given.
#pragma once

#include <cmath>
#include <cstddef>

#include "kernels/sum.h"
#include "refloop/batch_norm.h"
#include "refloop/window.h"

namespace refloop {

/// One channel of a batch: its mean, the sum of the squared distances from it, and how many values it has.
template <class T>
struct ChannelSpread {
  T mean;
  T squares;
  T count;

  T biased_variance() const { return squares / count; }
  T kept_variance() const { return squares / (count - 1); }
};

/// Sum adds in double, or in T on N x C and on channels_last input of several channels.
template <class Sum, class T, std::size_t Rank>
ChannelSpread<T> channel_spread(const TensorView<const T, Rank>& input, Index c) {
  const Index batch = input.extents[0];
  const Index count = batch * volume(input.spatial());

  Sum sum;
  for (Index n = 0; n < batch; ++n) {
    for (const auto& at : positions(input.spatial())) sum.plus(input(n, c, at));
  }
  const T mean = static_cast<T>(static_cast<double>(sum.result()) / static_cast<double>(count));

  Sum squares;
  for (Index n = 0; n < batch; ++n) {
    for (const auto& at : positions(input.spatial())) {
      const T distance = input(n, c, at) - mean;
      squares.plus(distance * distance);
    }
  }
  return {mean, static_cast<T>(squares.result()), static_cast<T>(count)};
}

/// 1 / sqrt(biased variance + eps), in double; a channel that never varies and has no eps is left at its mean.
struct InverseDeviation {
  template <class T>
  static T of(const ChannelSpread<T>& spread, double eps) {
    const T variance = spread.biased_variance();
    if (variance == 0 && eps == 0) return 0;
    return static_cast<T>(1 / std::sqrt(static_cast<double>(variance) + eps));
  }
};

/// The unbiased variance is kept; it enters in double, all else is T.
template <class T>
void update_running(const ChannelSpread<T>& spread, Index c, T momentum, const BatchNormChannels<T>& channels) {
  if (channels.running_mean) {
    T& mean = (*channels.running_mean)(c);
    mean = momentum * spread.mean + (1 - momentum) * mean;
  }
  if (channels.running_var) {
    T& variance = (*channels.running_var)(c);
    const double kept = spread.kept_variance();
    variance = static_cast<T>(momentum * kept + static_cast<double>((1 - momentum) * variance));
  }
}

/// What becomes of every value of one channel: value * scale + shift.
template <class T>
struct ChannelLine {
  T scale, shift;
};

template <class Sum, class Inverse, class T, std::size_t Rank>
ChannelLine<T> channel_line(const TensorView<const T, Rank>& input, const BatchNormChannels<T>& channels, Index c,
                            const BatchNormSettings& settings) {
  T mean, inverse;
  if (settings.training) {
    const auto spread = channel_spread<Sum>(input, c);
    mean = spread.mean;
    inverse = Inverse::of(spread, settings.eps);
    update_running(spread, c, static_cast<T>(settings.momentum), channels);
  } else {
    mean = (*channels.running_mean)(c);
    inverse = 1 / std::sqrt((*channels.running_var)(c) + static_cast<T>(settings.eps));
  }

  const T scale = inverse * (channels.weight ? (*channels.weight)(c) : T{1});
  return {scale, (channels.bias ? (*channels.bias)(c) : T{0}) - mean * scale};
}

template <class Sum, class Inverse, class T, std::size_t Rank>
void batch_norm_loops(const TensorView<const T, Rank>& input, const BatchNormChannels<T>& channels,
                      const BatchNormSettings& settings, const TensorView<T, Rank>& output) {
  const Index batch = output.extents[0];
  const Index channel_count = output.extents[1];
  if (batch == 0) return;

  for (Index c = 0; c < channel_count; ++c) {
    const auto [scale, shift] = channel_line<Sum, Inverse>(input, channels, c, settings);
    for (Index n = 0; n < batch; ++n) {
      for (const auto& at : positions(output.spatial())) output(n, c, at) = input(n, c, at) * scale + shift;
    }
  }
}

}  // namespace refloop
