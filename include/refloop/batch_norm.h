// Batch normalization of N x C input and of one, two or three spatial axes behind it:
//
//   output[n, c, at] = (input[n, c, at] - mean[c]) / sqrt(variance[c] + eps) * weight[c] + bias[c]
//
//   training    mean[c]      = sum over n, at of input[n, c, at] / count
//               squares[c]   = sum over n, at of (input[n, c, at] - mean[c])^2
//               variance[c]  = squares[c] / count                    biased: this one normalizes
//               kept[c]      = squares[c] / (count - 1)              unbiased: this one is kept
//               running_mean = momentum * mean + (1 - momentum) * running_mean
//               running_var  = momentum * kept + (1 - momentum) * running_var
//   evaluation  mean = running_mean, variance = running_var, and both stay as they are
//   count       = N * volume(spatial), the values of one channel
//
//   input, output  N x C x spatial     weight, bias, running_mean, running_var  C each, or none
//
// Order of summation and roundings, for T float or double and each line from left to right:
//   training    sum      n, then at row-major, in double; divided in double, then rounded to T
//               squares  the same order; distance and square rounded to T, summed in double, rounded to T
//               variance = squares / count in T
//               inverse  = 1 / sqrt(variance + eps) in double, rounded to T; 0 where variance and eps are 0
//               running_mean in T, with momentum rounded to T
//               running_var  with kept = squares / (count - 1) in T, momentum * kept in double, the rest as above
//   evaluation  inverse  = 1 / sqrt(running_var + eps) in T, eps rounded to T
//   both        scale = inverse * weight, shift = bias - mean * scale, output = input * scale + shift,
//               each product and each sum rounded to T
// With one value per image and channel (N x C input) LibTorch sums in T instead of double, and so does this. LibTorch
// also does so on channels_last tensors of several channels (1.13: only with two spatial axes; with three it takes the
// path of strided tensors, in another order): `batch_norm_loops<T>` in src/kernels/batch_norm_loops.h. This is what
// LibTorch's native CPU kernel does, to the last bit, with one thread and ATEN_CPU_CAPABILITY=default (else it fuses
// input * scale + shift).
//
// Source of the contract: torch.nn.functional.batch_norm (shapes, names, defaults); the roundings are measured.
#pragma once

#include <cstddef>
#include <optional>
#include <type_traits>
#include <utility>

#include "refloop/tensor.h"

namespace refloop {

struct BatchNormSettings {
  bool training = true;   // normalize by the batch and update what is running; else by what is running
  double momentum = 0.1;  // the batch's part in what is running, 0 to 1
  double eps = 1e-5;      // 0 or more
};

/// The momentum that makes the running statistics the plain average of all batches, after so many of them
/// (torch's `momentum=None`, where `num_batches_tracked` counts).
constexpr double cumulative_momentum(Index batches_before) {
  return 1.0 / static_cast<double>(batches_before + 1);
}

/// The values that belong to the channels: C each. No weight is 1, no bias is 0.
template <class T>
struct BatchNormChannels {
  std::optional<TensorView<const T, 1>> weight{};
  std::optional<TensorView<const T, 1>> bias{};
  std::optional<TensorView<T, 1>> running_mean{};  // training updates them where they are given;
  std::optional<TensorView<T, 1>> running_var{};   // evaluation needs both
};

/// Batch norm into memory of the caller's, any strides. T: float or double. Rank: 2 to 5.
/// Raises Error, before any element is written, for settings out of range, per-channel values of a wrong size, an empty
/// axis, evaluation without running statistics, training with one value per channel, or an output of the wrong extents.
/// An empty batch has an empty output and leaves what is running as it is.
template <class T, std::size_t Rank>
void batch_norm(const std::type_identity_t<TensorView<const T, Rank>>& input,
                const std::type_identity_t<BatchNormChannels<T>>& channels, const BatchNormSettings& settings,
                const TensorView<T, Rank>& output);

/// What training computes for each channel; C values each.
template <class T>
struct ChannelStatistics {
  Tensor<T, 1> mean;
  Tensor<T, 1> biased_variance;  // divided by count: normalizes the batch
  Tensor<T, 1> kept_variance;    // divided by count - 1: goes into running_var
};
/// Raises Error for an empty axis or less than two values per channel.
template <class T, std::size_t Rank>
ChannelStatistics<T> channel_statistics(const Tensor<T, Rank>& input);

/// As a new layer has them: mean 0, variance 1.
template <class T>
struct RunningStatistics {
  Tensor<T, 1> mean;
  Tensor<T, 1> variance;

  explicit RunningStatistics(Index channels) : mean({channels}, T{0}), variance({channels}, T{1}) {}
  RunningStatistics(Tensor<T, 1> running_mean, Tensor<T, 1> running_var)
      : mean(std::move(running_mean)), variance(std::move(running_var)) {}
};

template <class T>
using OptionalChannels = std::type_identity_t<std::optional<Tensor<T, 1>>>;

/// The same for people who read or experiment, `{}` for no weight or bias, nullptr for nothing running:
/// `Tensor y = batch_norm2d(x, weight, bias, &running, {.training = false});`
template <class T, std::size_t Rank>
Tensor<T, Rank> batch_norm_value(const Tensor<T, Rank>& input, const std::optional<Tensor<T, 1>>& weight,
                                 const std::optional<Tensor<T, 1>>& bias, RunningStatistics<T>* running,
                                 const BatchNormSettings& settings) {
  BatchNormChannels<T> channels;
  if (weight) channels.weight = weight->view();
  if (bias) channels.bias = bias->view();
  if (running != nullptr) {
    channels.running_mean = running->mean.view();
    channels.running_var = running->variance.view();
  }
  Tensor<T, Rank> output(input.extents());
  batch_norm<T, Rank>(input.view(), channels, settings, output.view());
  return output;
}

/// N x C or N x C x length.
template <class T, std::size_t Rank>
requires(Rank == 2 ||
         Rank == 3) Tensor<T, Rank> batch_norm1d(const Tensor<T, Rank>& input, const OptionalChannels<T>& weight = {},
                                                 const OptionalChannels<T>& bias = {},
                                                 std::type_identity_t<RunningStatistics<T>*> running = nullptr,
                                                 const BatchNormSettings& settings = {}) {
  return batch_norm_value(input, weight, bias, running, settings);
}
template <class T>
Tensor<T, 4> batch_norm2d(const Tensor<T, 4>& input, const OptionalChannels<T>& weight = {},
                          const OptionalChannels<T>& bias = {},
                          std::type_identity_t<RunningStatistics<T>*> running = nullptr,
                          const BatchNormSettings& settings = {}) {
  return batch_norm_value(input, weight, bias, running, settings);
}
template <class T>
Tensor<T, 5> batch_norm3d(const Tensor<T, 5>& input, const OptionalChannels<T>& weight = {},
                          const OptionalChannels<T>& bias = {},
                          std::type_identity_t<RunningStatistics<T>*> running = nullptr,
                          const BatchNormSettings& settings = {}) {
  return batch_norm_value(input, weight, bias, running, settings);
}

}  // namespace refloop
