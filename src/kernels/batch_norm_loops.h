// The loops of include/refloop/batch_norm.h. They check nothing and write the output they are given.
#pragma once

#include <cmath>

#include "kernels/instances.h"
#include "refloop/batch_norm.h"
#include "refloop/window.h"

#ifdef __FAST_MATH__
#error "refloop's loops promise bits; -ffast-math and -Ofast would change them"
#endif

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

/// Sum is the type that the values are added in: double, or T on N x C and on channels_last input of several channels.
template <class Sum, class T, std::size_t Rank>
ChannelSpread<T> channel_spread(const TensorView<const T, Rank>& input, Index c) {
  const Index batch = input.extents[0];
  const Index count = batch * volume(input.spatial());

  Sum sum = 0;
  for (Index n = 0; n < batch; ++n) {
    for (const auto& at : positions(input.spatial())) sum += input(n, c, at);
  }
  const T mean = static_cast<T>(static_cast<double>(sum) / static_cast<double>(count));

  Sum squares = 0;
  for (Index n = 0; n < batch; ++n) {
    for (const auto& at : positions(input.spatial())) {
      const T distance = input(n, c, at) - mean;
      squares += distance * distance;
    }
  }
  return {mean, static_cast<T>(squares), static_cast<T>(count)};
}

/// 1 / sqrt(biased variance + eps), in double; a channel that never varies and has no eps is left at its mean.
template <class T>
T training_inverse(T variance, double eps) {
  if (variance == 0 && eps == 0) return 0;
  return static_cast<T>(1 / std::sqrt(static_cast<double>(variance) + eps));
}

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

template <class Sum, class T, std::size_t Rank>
void batch_norm_loops(const TensorView<const T, Rank>& input, const BatchNormChannels<T>& channels,
                      const BatchNormSettings& settings, const TensorView<T, Rank>& output) {
  const Index batch = output.extents[0];
  const Index channel_count = output.extents[1];

  for (Index c = 0; c < channel_count; ++c) {
    T mean, inverse;
    if (settings.training) {
      const auto spread = channel_spread<Sum>(input, c);
      mean = spread.mean;
      inverse = training_inverse(spread.biased_variance(), settings.eps);
      update_running(spread, c, static_cast<T>(settings.momentum), channels);
    } else {
      mean = (*channels.running_mean)(c);
      inverse = 1 / std::sqrt((*channels.running_var)(c) + static_cast<T>(settings.eps));
    }

    const T scale = inverse * (channels.weight ? (*channels.weight)(c) : T{1});
    const T shift = (channels.bias ? (*channels.bias)(c) : T{0}) - mean * scale;
    for (Index n = 0; n < batch; ++n) {
      for (const auto& at : positions(output.spatial())) output(n, c, at) = input(n, c, at) * scale + shift;
    }
  }
}

#define REFLOOP_BATCH_NORM(PREFIX, SUM, T, RANK)                                                                     \
  PREFIX template ChannelSpread<T> channel_spread<SUM, T, RANK>(const TensorView<const T, RANK>&, Index);            \
  PREFIX template void batch_norm_loops<SUM, T, RANK>(const TensorView<const T, RANK>&, const BatchNormChannels<T>&, \
                                                      const BatchNormSettings&, const TensorView<T, RANK>&);
#define REFLOOP_BATCH_NORM_RANKS(PREFIX, SUM, T) \
  REFLOOP_BATCH_NORM(PREFIX, SUM, T, 2)          \
  REFLOOP_BATCH_NORM(PREFIX, SUM, T, 3)          \
  REFLOOP_BATCH_NORM(PREFIX, SUM, T, 4)          \
  REFLOOP_BATCH_NORM(PREFIX, SUM, T, 5)
#define REFLOOP_BATCH_NORM_TYPES(PREFIX)           \
  REFLOOP_BATCH_NORM_RANKS(PREFIX, double, double) \
  REFLOOP_BATCH_NORM_RANKS(PREFIX, double, float)  \
  REFLOOP_BATCH_NORM_RANKS(PREFIX, float, float)
REFLOOP_BATCH_NORM_TYPES(extern)

}  // namespace refloop
