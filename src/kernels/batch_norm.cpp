#include "refloop/batch_norm.h"

#include <string>

#include "kernels/arguments.h"
#include "kernels/batch_norm_loops.h"

namespace refloop {
namespace {

template <std::size_t Rank>
std::string name() {
  return "batch_norm" + std::to_string(Rank == 2 ? 1 : Rank - 2) + "d";
}

template <class T>
std::optional<Index> size(const std::optional<TensorView<T, 1>>& values) {
  return values ? std::optional(values->extents[0]) : std::nullopt;
}

/// LibTorch takes an input with one value per image and channel for a channels_last one, and sums in T.
template <class T, std::size_t Rank>
bool sums_in_type(const TensorView<const T, Rank>& input) {
  return volume(input.spatial()) == 1;
}

}  // namespace

template <class T, std::size_t Rank>
void batch_norm(const std::type_identity_t<TensorView<const T, Rank>>& input,
                const std::type_identity_t<BatchNormChannels<T>>& channels, const BatchNormSettings& settings,
                const TensorView<T, Rank>& output) {
  const BatchNormSizes sizes{size(channels.weight), size(channels.bias), size(channels.running_mean),
                             size(channels.running_var)};
  check_batch_norm(name<Rank>(), input.extents, sizes, settings.training, settings.momentum, settings.eps);
  check_output(name<Rank>(), output.extents, input.extents);

  if (sums_in_type(input)) {
    batch_norm_loops<InOrder<T>, InverseDeviation>(input, channels, settings, output);
  } else {
    batch_norm_loops<InOrder<double>, InverseDeviation>(input, channels, settings, output);
  }
}

template <class T, std::size_t Rank>
ChannelStatistics<T> channel_statistics(const Tensor<T, Rank>& input) {
  check_batch_norm("channel_statistics", input.extents(), {}, true, 0, 0);

  const Index channels = input.extents()[1];
  ChannelStatistics<T> statistics{Tensor<T, 1>({channels}), Tensor<T, 1>({channels}), Tensor<T, 1>({channels})};
  for (Index c = 0; c < channels; ++c) {
    const auto spread = sums_in_type(input.view()) ? channel_spread<InOrder<T>>(input.view(), c)
                                                   : channel_spread<InOrder<double>>(input.view(), c);
    statistics.mean(c) = spread.mean;
    statistics.biased_variance(c) = spread.biased_variance();
    statistics.kept_variance(c) = spread.kept_variance();
  }
  return statistics;
}

#define REFLOOP_BATCH_NORM(T, RANK)                                                                              \
  template void batch_norm<T, RANK>(const std::type_identity_t<TensorView<const T, RANK>>&,                      \
                                    const std::type_identity_t<BatchNormChannels<T>>&, const BatchNormSettings&, \
                                    const TensorView<T, RANK>&);                                                 \
  template ChannelStatistics<T> channel_statistics<T, RANK>(const Tensor<T, RANK>&);
REFLOOP_BATCH_NORM(double, 2)
REFLOOP_BATCH_NORM(double, 3)
REFLOOP_BATCH_NORM(double, 4)
REFLOOP_BATCH_NORM(double, 5)
REFLOOP_BATCH_NORM(float, 2)
REFLOOP_BATCH_NORM(float, 3)
REFLOOP_BATCH_NORM(float, 4)
REFLOOP_BATCH_NORM(float, 5)

}  // namespace refloop
