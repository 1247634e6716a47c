// Calls that can't be carried out: the sentence that refloop answers, and what LibTorch does with the same call. It
// refuses nearly all of them; where it does not, the entry says why refloop does.
#include <gtest/gtest.h>
#include <torch/nn/functional/batchnorm.h>
#include <torch/nn/functional/conv.h>
#include <torch/nn/functional/pooling.h>
#include <torch/nn/modules/batchnorm.h>

#include <cmath>
#include <functional>
#include <limits>
#include <type_traits>

#include "parity/same_bits.h"
#include "refloop/batch_norm.h"
#include "refloop/conv.h"
#include "refloop/plane.h"
#include "refloop/pool.h"

namespace refloop::parity {
namespace {

namespace F = torch::nn::functional;

constexpr Index huge = Index{1} << 62;
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double infinity = std::numeric_limits<double>::infinity();

/// What LibTorch does with the call. Where it carries it out, or dies, `why` says why refloop refuses.
struct Answer {
  enum { refuses, accepts, dies } does = refuses;
  const char* why = "";
};
constexpr Answer refuses;
constexpr Answer accepts(const char* why) {
  return {Answer::accepts, why};
}

struct BadCall {
  std::string name;
  std::string sentence;  // what refloop answers
  std::function<void()> ours;
  std::function<torch::Tensor()> theirs;
  Answer libtorch;
};

void PrintTo(const BadCall& bad, std::ostream* out) {
  *out << bad.sentence;
}

/// Ones of these sizes; all the same one where there are many, so that sizes may be absurd.
torch::Tensor ones(torch::IntArrayRef sizes) {
  double elements = 1;
  for (const auto size : sizes) elements *= static_cast<double>(size);
  return elements < 1e6 ? torch::ones(sizes) : torch::ones({1}).expand(sizes);
}

/// What refloop must refuse before it reads or writes there: one cell over and over, so that sizes may be absurd.
template <std::size_t Rank>
TensorView<float, Rank> one_cell(const Extents<Rank>& sizes) {
  static float cell = 1;
  return {&cell, sizes, filled<Rank>(0)};
}

// ---- convolution: a call that is right as it stands, and one thing changed ----

template <std::size_t Dims>
struct ConvCall;
template <>
struct ConvCall<1> {
  Extents<3> input{1, 4, 6}, weight{6, 2, 3};
  std::optional<Index> bias = 6;
  ConvSettings<1> settings{.groups = 2};
};
template <>
struct ConvCall<2> {
  Extents<4> input{1, 4, 6, 5}, weight{6, 2, 3, 2};
  std::optional<Index> bias = 6;
  ConvSettings<2> settings{.groups = 2};
};
template <>
struct ConvCall<3> {
  Extents<5> input{1, 4, 6, 5, 4}, weight{6, 2, 3, 2, 2};
  std::optional<Index> bias = 6;
  ConvSettings<3> settings{.groups = 2};
};

template <std::size_t Dims>
void run(const ConvCall<Dims>& call) {
  std::optional<TensorView<const float, 1>> bias;
  if (call.bias) bias = one_cell<1>({*call.bias});
  conv(one_cell(call.input), one_cell(call.weight), bias, call.settings, one_cell(filled<Dims + 2>(1)));
}

template <std::size_t Dims>
torch::Tensor run_libtorch(const ConvCall<Dims>& call) {
  auto options = F::ConvFuncOptions<Dims>()
                     .stride(torch::IntArrayRef(call.settings.stride))
                     .padding(torch::ExpandingArray<Dims>(torch::IntArrayRef(call.settings.padding)))
                     .dilation(torch::IntArrayRef(call.settings.dilation))
                     .groups(call.settings.groups);
  if (call.bias) options.bias(ones({*call.bias}));
  if constexpr (Dims == 1) return F::conv1d(ones(call.input), ones(call.weight), options);
  if constexpr (Dims == 2) return F::conv2d(ones(call.input), ones(call.weight), options);
  if constexpr (Dims == 3) return F::conv3d(ones(call.input), ones(call.weight), options);
}

template <std::size_t Dims, class Change>
BadCall bad_conv(const char* name, const char* sentence, Change change, Answer libtorch = refuses) {
  ConvCall<Dims> call;
  change(call);
  const std::string operation = "conv" + std::to_string(Dims) + "d";
  return {operation + "_" + name, operation + ": " + sentence, [call] { run(call); },
          [call] { return run_libtorch(call); }, libtorch};
}

#if TORCH_VERSION_MAJOR < 2
constexpr Answer huge_groups{Answer::dies, "2 channels * 2^62 groups wraps to 0, by which it divides"};
#else
constexpr Answer huge_groups = refuses;
#endif

std::vector<BadCall> bad_convs() {
  return {
      bad_conv<2>("stride_of_zero", "stride takes 1 to 2147483647 on every axis, not 0x1",
                  [](auto& call) {
                    call.settings.stride = {0, 1};
                  }),
      bad_conv<2>("negative_stride", "stride takes 1 to 2147483647 on every axis, not 1x-2",
                  [](auto& call) {
                    call.settings.stride = {1, -2};
                  }),
      bad_conv<2>(
          "huge_stride", "stride takes 1 to 2147483647 on every axis, not 4611686018427387904x1",
          [](auto& call) {
            call.settings.stride = {huge, 1};
          },
          accepts("one window fits, and its step is never taken; refloop keeps every position in 64 bits")),
      bad_conv<2>("negative_padding", "padding takes 0 to 2147483647 on every axis, not 0x-1",
                  [](auto& call) {
                    call.settings.padding = {0, -1};
                  }),
      bad_conv<2>("huge_padding", "padding takes 0 to 2147483647 on every axis, not 4611686018427387904x0",
                  [](auto& call) {
                    call.settings.padding = {huge, 0};
                  }),
      bad_conv<2>("dilation_of_zero", "dilation takes 1 to 2147483647 on every axis, not 1x0",
                  [](auto& call) {
                    call.settings.dilation = {1, 0};
                  }),
      bad_conv<2>("negative_dilation", "dilation takes 1 to 2147483647 on every axis, not -1x1",
                  [](auto& call) {
                    call.settings.dilation = {-1, 1};
                  }),
      bad_conv<2>(
          "huge_dilation", "dilation takes 1 to 2147483647 on every axis, not 4611686018427387904x1",
          [](auto& call) {
            call.settings.dilation = {huge, 1};
            call.weight[2] = 5;
          },
          accepts("2^62 * (5 - 1) wraps to 0, so that the kernel seems to fit")),
      bad_conv<2>("empty_kernel", "kernel takes 1 to 2147483647 on every axis, not 3x0",
                  [](auto& call) { call.weight[3] = 0; }),
      bad_conv<2>("huge_kernel", "kernel takes 1 to 2147483647 on every axis, not 4611686018427387904x1",
                  [](auto& call) {
                    call.weight[2] = huge;
                    call.weight[3] = 1;
                  }),
      bad_conv<2>("empty_input_axis", "input size takes 1 to 2147483647 on every axis, not 0x5",
                  [](auto& call) { call.input[2] = 0; }),
      bad_conv<2>("huge_input", "input size takes 1 to 2147483647 on every axis, not 6x1152921504606846976",
                  [](auto& call) { call.input[3] = huge / 4; }),
      bad_conv<2>("groups_of_zero", "groups takes 1 or more, not 0", [](auto& call) { call.settings.groups = 0; }),
      bad_conv<2>("negative_groups", "groups takes 1 or more, not -2", [](auto& call) { call.settings.groups = -2; }),
      bad_conv<2>(
          "huge_groups",
          "groups takes a number that divides both input and output channels, 4 and 6, not "
          "4611686018427387904",
          [](auto& call) { call.settings.groups = huge; }, huge_groups),
      bad_conv<2>("groups_that_do_not_divide_the_input",
                  "groups takes a number that divides both input and output channels, 4 and 6, not 3",
                  [](auto& call) { call.settings.groups = 3; }),
      bad_conv<2>("groups_that_do_not_divide_the_output",
                  "groups takes a number that divides both input and output channels, 4 and 5, not 2",
                  [](auto& call) { call.weight[0] = call.bias.emplace(5); }),
      bad_conv<2>("weight_of_other_channels", "input has 4 channels; weight wants 3 x 2 groups = 6",
                  [](auto& call) { call.weight[1] = 3; }),
      bad_conv<2>("groups_forgotten", "input has 4 channels; weight wants 2 x 1 groups = 2",
                  [](auto& call) { call.settings.groups = 1; }),
      bad_conv<2>(
          "no_input_channels", "input channels take 1 or more, not 0",
          [](auto& call) { call.input[1] = call.weight[1] = 0; }, accepts("a sum over nothing")),
      bad_conv<2>("no_output_channels", "output channels take 1 or more, not 0",
                  [](auto& call) { call.weight[0] = call.bias.emplace(0); }),
      bad_conv<2>("negative_batch", "batch takes 0 or more, not -1", [](auto& call) { call.input[0] = -1; }),
      bad_conv<2>("bias_too_short", "bias has 3 values; weight has 6 output channels",
                  [](auto& call) { call.bias = 3; }),
      bad_conv<2>("bias_of_one_value", "bias has 1 values; weight has 6 output channels",
                  [](auto& call) { call.bias = 1; }),
      bad_conv<2>("empty_bias", "bias has 0 values; weight has 6 output channels", [](auto& call) { call.bias = 0; }),
      bad_conv<2>("kernel_taller_than_the_input",
                  "kernel 7x2 with dilation 1x1 reaches over 7 cells of spatial axis 0, which has no more than 6 with "
                  "its padding",
                  [](auto& call) { call.weight[2] = 7; }),
      bad_conv<2>("kernel_wider_than_the_padded_input",
                  "kernel 3x2 with dilation 1x7 reaches over 8 cells of spatial axis 1, which has no more than 7 with "
                  "its padding",
                  [](auto& call) {
                    call.settings.dilation = {1, 7};
                    call.settings.padding = {0, 1};
                  }),
      bad_conv<1>("stride_of_zero", "stride takes 1 to 2147483647 on every axis, not 0",
                  [](auto& call) { call.settings.stride = {0}; }),
      bad_conv<1>("negative_padding", "padding takes 0 to 2147483647 on every axis, not -1",
                  [](auto& call) { call.settings.padding = {-1}; }),
      bad_conv<1>("kernel_longer_than_the_input",
                  "kernel 7 with dilation 1 reaches over 7 cells of spatial axis 0, which has no more than 6 with its "
                  "padding",
                  [](auto& call) { call.weight[2] = 7; }),
      bad_conv<3>("dilation_of_zero", "dilation takes 1 to 2147483647 on every axis, not 1x1x0",
                  [](auto& call) {
                    call.settings.dilation = {1, 1, 0};
                  }),
      bad_conv<3>("bias_too_long", "bias has 7 values; weight has 6 output channels",
                  [](auto& call) { call.bias = 7; }),
      bad_conv<3>("groups_that_do_not_divide",
                  "groups takes a number that divides both input and output channels, 4 and 6, not 4",
                  [](auto& call) {
                    call.settings.groups = 4;
                    call.weight[1] = 1;
                  }),
      bad_conv<3>("kernel_deeper_than_the_input",
                  "kernel 7x2x2 with dilation 1x1x1 reaches over 7 cells of spatial axis 0, which has no more than 6 "
                  "with its padding",
                  [](auto& call) { call.weight[2] = 7; }),
  };
}

// ---- pooling ----

template <std::size_t Dims>
struct PoolCall;
template <>
struct PoolCall<1> {
  Extents<3> input{1, 2, 6};
  PoolSettings<1> settings{.kernel = {3}, .stride = Extents<1>{1}};
};
template <>
struct PoolCall<2> {
  Extents<4> input{1, 2, 6, 5};
  PoolSettings<2> settings{.kernel = {3, 2}, .stride = Extents<2>{1, 1}};
};
template <>
struct PoolCall<3> {
  Extents<5> input{1, 2, 6, 5, 4};
  PoolSettings<3> settings{.kernel = {3, 2, 2}, .stride = Extents<3>{1, 1, 1}};
};

struct Max {
  static constexpr const char* name = "max_pool";

  template <std::size_t Dims>
  static void run(const PoolCall<Dims>& call) {
    max_pool(one_cell(call.input), call.settings, one_cell(filled<Dims + 2>(1)));
  }
  template <std::size_t Dims>
  static torch::Tensor run_libtorch(const PoolCall<Dims>& call) {
    const auto options = torch::nn::MaxPoolOptions<Dims>(torch::IntArrayRef(call.settings.kernel))
                             .stride(torch::IntArrayRef(*call.settings.stride))
                             .padding(torch::IntArrayRef(call.settings.padding))
                             .dilation(torch::IntArrayRef(call.settings.dilation));
    if constexpr (Dims == 1) return F::max_pool1d(ones(call.input), options);
    if constexpr (Dims == 2) return F::max_pool2d(ones(call.input), options);
    if constexpr (Dims == 3) return F::max_pool3d(ones(call.input), options);
  }
};

/// What LibTorch's pools answer to a minimum is what they answer to a maximum.
struct Min : Max {
  static constexpr const char* name = "min_pool";

  template <std::size_t Dims>
  static void run(const PoolCall<Dims>& call) {
    min_pool(one_cell(call.input), call.settings, one_cell(filled<Dims + 2>(1)));
  }
};

struct Avg {
  static constexpr const char* name = "avg_pool";

  template <std::size_t Dims>
  static void run(const PoolCall<Dims>& call) {
    avg_pool(one_cell(call.input), call.settings, one_cell(filled<Dims + 2>(1)));
  }
  template <std::size_t Dims>
  static torch::Tensor run_libtorch(const PoolCall<Dims>& call) {
    torch::nn::AvgPoolOptions<Dims> options(torch::IntArrayRef(call.settings.kernel));
    options.stride(torch::IntArrayRef(*call.settings.stride)).padding(torch::IntArrayRef(call.settings.padding));
    if constexpr (Dims == 1) return F::avg_pool1d(ones(call.input), options);
    if constexpr (Dims > 1) {
      if (call.settings.divisor_override) options.divisor_override(*call.settings.divisor_override);
    }
    if constexpr (Dims == 2) return F::avg_pool2d(ones(call.input), options);
    if constexpr (Dims == 3) return F::avg_pool3d(ones(call.input), options);
  }
};

template <class Pool, std::size_t Dims, class Change>
BadCall bad_pool(const char* name, const char* sentence, Change change, Answer libtorch = refuses) {
  PoolCall<Dims> call;
  change(call);
  const std::string operation = Pool::name + std::to_string(Dims) + "d";
  return {operation + "_" + name, operation + ": " + sentence, [call] { Pool::run(call); },
          [call] { return Pool::run_libtorch(call); }, libtorch};
}

std::vector<BadCall> bad_pools() {
  return {
      bad_pool<Max, 2>("empty_kernel", "kernel takes 1 to 2147483647 on every axis, not 3x0",
                       [](auto& call) {
                         call.settings.kernel = {3, 0};
                       }),
      bad_pool<Max, 2>("negative_kernel", "kernel takes 1 to 2147483647 on every axis, not -3x2",
                       [](auto& call) {
                         call.settings.kernel = {-3, 2};
                       }),
      bad_pool<Max, 2>("huge_kernel", "kernel takes 1 to 2147483647 on every axis, not 4611686018427387904x2",
                       [](auto& call) {
                         call.settings.kernel = {huge, 2};
                       }),
      bad_pool<Max, 2>("stride_of_zero", "stride takes 1 to 2147483647 on every axis, not 0x1",
                       [](auto& call) {
                         call.settings.stride = Extents<2>{0, 1};
                       }),
      bad_pool<Max, 2>("negative_stride", "stride takes 1 to 2147483647 on every axis, not 1x-1",
                       [](auto& call) {
                         call.settings.stride = Extents<2>{1, -1};
                       }),
      bad_pool<Max, 2>("huge_stride", "stride takes 1 to 2147483647 on every axis, not 4611686018427387904x1",
                       [](auto& call) {
                         call.settings.stride = Extents<2>{huge, 1};
                       }),
      bad_pool<Max, 2>("negative_padding", "padding takes 0 to 2147483647 on every axis, not -1x0",
                       [](auto& call) {
                         call.settings.padding = {-1, 0};
                       }),
      bad_pool<Max, 2>("padding_above_half_the_kernel",
                       "padding is at most half the kernel on every axis; 2x0 is more than half of 3x2",
                       [](auto& call) {
                         call.settings.padding = {2, 0};
                       }),
      bad_pool<Max, 2>("huge_padding", "padding takes 0 to 2147483647 on every axis, not 0x4611686018427387904",
                       [](auto& call) {
                         call.settings.padding = {0, huge};
                       }),
      bad_pool<Max, 2>("dilation_of_zero", "dilation takes 1 to 2147483647 on every axis, not 0x1",
                       [](auto& call) {
                         call.settings.dilation = {0, 1};
                       }),
      bad_pool<Max, 2>("negative_dilation", "dilation takes 1 to 2147483647 on every axis, not 1x-1",
                       [](auto& call) {
                         call.settings.dilation = {1, -1};
                       }),
      bad_pool<Max, 2>("huge_dilation", "dilation takes 1 to 2147483647 on every axis, not 4611686018427387904x1",
                       [](auto& call) {
                         call.settings.dilation = {huge, 1};
                       }),
      bad_pool<Max, 2>(
          "window_larger_than_the_input",
          "kernel 3x2 with dilation 1x5 reaches over 6 cells of spatial axis 1, which has no more than 5 with "
          "its padding",
          [](auto& call) {
            call.settings.dilation = {1, 5};
          }),
      bad_pool<Max, 2>("empty_input_axis", "input size takes 1 to 2147483647 on every axis, not 6x0",
                       [](auto& call) { call.input[3] = 0; }),
      bad_pool<Max, 2>("no_channels", "input channels take 1 or more, not 0", [](auto& call) { call.input[1] = 0; }),
      bad_pool<Max, 2>("negative_batch", "batch takes 0 or more, not -1", [](auto& call) { call.input[0] = -1; }),
      bad_pool<Max, 1>("stride_of_zero", "stride takes 1 to 2147483647 on every axis, not 0",
                       [](auto& call) { call.settings.stride = Extents<1>{0}; }),
      bad_pool<Max, 1>("padding_above_half_the_kernel",
                       "padding is at most half the kernel on every axis; 2 is more than half of 3",
                       [](auto& call) { call.settings.padding = {2}; }),
      bad_pool<Max, 3>("dilation_of_zero", "dilation takes 1 to 2147483647 on every axis, not 1x0x1",
                       [](auto& call) {
                         call.settings.dilation = {1, 0, 1};
                       }),
      bad_pool<Max, 3>(
          "kernel_deeper_than_the_input",
          "kernel 7x2x2 with dilation 1x1x1 reaches over 7 cells of spatial axis 0, which has no more than 6 "
          "with its padding",
          [](auto& call) {
            call.settings.kernel = {7, 2, 2};
          }),
      bad_pool<Min, 2>("empty_kernel", "kernel takes 1 to 2147483647 on every axis, not 0x0",
                       [](auto& call) {
                         call.settings.kernel = {0, 0};
                       }),
      bad_pool<Min, 2>("padding_above_half_the_kernel",
                       "padding is at most half the kernel on every axis; 0x2 is more than half of 3x2",
                       [](auto& call) {
                         call.settings.padding = {0, 2};
                       }),
      bad_pool<Avg, 2>("divisor_of_zero", "divisor_override takes 1 to 2147483647, not 0",
                       [](auto& call) { call.settings.divisor_override = 0; }),
      bad_pool<Avg, 2>(
          "negative_divisor", "divisor_override takes 1 to 2147483647, not -3",
          [](auto& call) { call.settings.divisor_override = -3; }, accepts("only 0 is no divisor to it")),
      bad_pool<Avg, 2>(
          "huge_divisor", "divisor_override takes 1 to 2147483647, not 4611686018427387904",
          [](auto& call) { call.settings.divisor_override = huge; }, accepts("only 0 is no divisor to it")),
      bad_pool<Avg, 2>("empty_kernel", "kernel takes 1 to 2147483647 on every axis, not 0x2",
                       [](auto& call) {
                         call.settings.kernel = {0, 2};
                       }),
      bad_pool<Avg, 2>("negative_stride", "stride takes 1 to 2147483647 on every axis, not -1x1",
                       [](auto& call) {
                         call.settings.stride = Extents<2>{-1, 1};
                       }),
      bad_pool<Avg, 2>("padding_above_half_the_kernel",
                       "padding is at most half the kernel on every axis; 0x2 is more than half of 3x2",
                       [](auto& call) {
                         call.settings.padding = {0, 2};
                       }),
      bad_pool<Avg, 2>(
          "kernel_larger_than_the_input",
          "kernel 3x6 with dilation 1x1 reaches over 6 cells of spatial axis 1, which has no more than 5 with "
          "its padding",
          [](auto& call) {
            call.settings.kernel = {3, 6};
          }),
      bad_pool<Avg, 1>("stride_of_zero", "stride takes 1 to 2147483647 on every axis, not 0",
                       [](auto& call) { call.settings.stride = Extents<1>{0}; }),
      bad_pool<Avg, 1>("negative_padding", "padding takes 0 to 2147483647 on every axis, not -1",
                       [](auto& call) { call.settings.padding = {-1}; }),
      bad_pool<Avg, 3>("divisor_of_zero", "divisor_override takes 1 to 2147483647, not 0",
                       [](auto& call) { call.settings.divisor_override = 0; }),
      bad_pool<Avg, 3>("empty_input_axis", "input size takes 1 to 2147483647 on every axis, not 0x5x4",
                       [](auto& call) { call.input[2] = 0; }),
  };
}

// ---- batch norm ----

struct BatchNormCall {
  std::vector<Index> input{4, 3, 5, 6};
  std::optional<Index> weight = 3, bias = 3, running_mean = 3, running_var = 3;
  BatchNormSettings settings;
};

template <std::size_t Rank>
void run_rank(const BatchNormCall& call) {
  Extents<Rank> extents{};
  std::copy(call.input.begin(), call.input.end(), extents.begin());
  const auto channel_values = [](const std::optional<Index>& size) {
    return size ? std::optional(one_cell<1>({*size})) : std::nullopt;
  };
  BatchNormChannels<float> channels;
  channels.weight = channel_values(call.weight);
  channels.bias = channel_values(call.bias);
  channels.running_mean = channel_values(call.running_mean);
  channels.running_var = channel_values(call.running_var);
  batch_norm(one_cell(extents), channels, call.settings, one_cell(extents));
}

void run(const BatchNormCall& call) {
  switch (call.input.size()) {
    case 2:
      return run_rank<2>(call);
    case 3:
      return run_rank<3>(call);
    case 4:
      return run_rank<4>(call);
    default:
      return run_rank<5>(call);
  }
}

torch::Tensor run_libtorch(const BatchNormCall& call) {
  const auto channel_values = [](const std::optional<Index>& size) {
    return size ? torch::ones({*size}) : torch::Tensor();
  };
  return F::batch_norm(ones(call.input), channel_values(call.running_mean), channel_values(call.running_var),
                       F::BatchNormFuncOptions()
                           .weight(channel_values(call.weight))
                           .bias(channel_values(call.bias))
                           .training(call.settings.training)
                           .momentum(call.settings.momentum)
                           .eps(call.settings.eps));
}

BadCall bad_batch_norm(const char* name, const char* sentence, void (*change)(BatchNormCall&),
                       Answer libtorch = refuses) {
  BatchNormCall call;
  change(call);
  const std::string operation = "batch_norm" + std::to_string(std::max<std::size_t>(1, call.input.size() - 2)) + "d";
  return {operation + "_" + name, operation + ": " + sentence, [call] { run(call); },
          [call] { return run_libtorch(call); }, libtorch};
}

constexpr Answer takes_any_momentum =
    accepts("it is only multiplied; outside 0 to 1 the running variance can turn negative");
constexpr Answer takes_any_eps = accepts("it is only added; below 0 the square root can be of a negative number");

std::vector<BadCall> bad_batch_norms() {
  return {
      bad_batch_norm(
          "negative_momentum", "momentum takes 0 to 1, not -0.1", [](auto& call) { call.settings.momentum = -0.1; },
          takes_any_momentum),
      bad_batch_norm(
          "momentum_above_one", "momentum takes 0 to 1, not 1.5", [](auto& call) { call.settings.momentum = 1.5; },
          takes_any_momentum),
      bad_batch_norm(
          "momentum_that_is_no_number", "momentum takes 0 to 1, not nan",
          [](auto& call) { call.settings.momentum = nan; }, takes_any_momentum),
      bad_batch_norm(
          "negative_eps", "eps takes 0 to 3.40282e+38, not -1e-05", [](auto& call) { call.settings.eps = -1e-5; },
          takes_any_eps),
      bad_batch_norm(
          "infinite_eps", "eps takes 0 to 3.40282e+38, not inf", [](auto& call) { call.settings.eps = infinity; },
          takes_any_eps),
      bad_batch_norm(
          "eps_that_is_no_number", "eps takes 0 to 3.40282e+38, not nan", [](auto& call) { call.settings.eps = nan; },
          takes_any_eps),
      bad_batch_norm("weight_too_short", "weight has 2 values; input has 3 channels",
                     [](auto& call) { call.weight = 2; }),
      bad_batch_norm("empty_weight", "weight has 0 values; input has 3 channels", [](auto& call) { call.weight = 0; }),
      bad_batch_norm("bias_too_long", "bias has 4 values; input has 3 channels", [](auto& call) { call.bias = 4; }),
      bad_batch_norm("running_mean_too_short", "running_mean has 1 values; input has 3 channels",
                     [](auto& call) { call.running_mean = 1; }),
      bad_batch_norm("running_var_too_long", "running_var has 5 values; input has 3 channels",
                     [](auto& call) { call.running_var = 5; }),
      bad_batch_norm("evaluation_of_a_wrong_running_var", "running_var has 2 values; input has 3 channels",
                     [](auto& call) {
                       call.settings.training = false;
                       call.running_var = 2;
                     }),
      bad_batch_norm("evaluation_without_anything_running",
                     "evaluation normalizes by running_mean and running_var; give both",
                     [](auto& call) {
                       call.settings.training = false;
                       call.running_mean = call.running_var = std::nullopt;
                     }),
      bad_batch_norm("evaluation_without_running_var",
                     "evaluation normalizes by running_mean and running_var; give both",
                     [](auto& call) {
                       call.settings.training = false;
                       call.running_var = std::nullopt;
                     }),
      bad_batch_norm("evaluation_without_running_mean",
                     "evaluation normalizes by running_mean and running_var; give both",
                     [](auto& call) {
                       call.settings.training = false;
                       call.running_mean = std::nullopt;
                     }),
      bad_batch_norm("one_value_per_channel", "training takes 2 or more values per channel; input 1x3x1x1 has 1",
                     [](auto& call) {
                       call.input = {1, 3, 1, 1};
                     }),
      bad_batch_norm("batch_of_one", "training takes 2 or more values per channel; input 1x3 has 1",
                     [](auto& call) {
                       call.input = {1, 3};
                     }),
      bad_batch_norm("one_value_per_channel", "training takes 2 or more values per channel; input 1x3x1x1x1 has 1",
                     [](auto& call) {
                       call.input = {1, 3, 1, 1, 1};
                     }),
      bad_batch_norm(
          "empty_axis", "input size takes 1 to 2147483647 on every axis, not 0",
          [](auto& call) {
            call.input = {4, 3, 0};
          },
          accepts("it has nothing to normalize, and keeps NaN as running statistics")),
      bad_batch_norm("no_channels", "input channels take 1 or more, not 0",
                     [](auto& call) {
                       call.input[1] = 0;
                       call.weight = call.bias = call.running_mean = call.running_var = 0;
                     }),
      bad_batch_norm("negative_batch", "batch takes 0 or more, not -1", [](auto& call) { call.input[0] = -1; }),
  };
}

// ---- the notebook's own functions ----

const auto plane_of = [](Index size) { return Tensor<float, 2>({size, size}, 1); };

torch::Tensor conv_of_planes(Index size, Index kernel, const F::Conv2dFuncOptions& options) {
  return F::conv2d(ones({1, 1, size, size}), ones({1, 1, kernel, kernel}), options);
}
torch::Tensor pool_of_plane(Index size, const F::MaxPool2dFuncOptions& options) {
  return F::max_pool2d(ones({1, 1, size, size}), options);
}

std::vector<BadCall> bad_plane_calls() {
  return {
      {"convolve2d_stride_of_zero", "convolve2d: stride takes 1 to 2147483647 on every axis, not 0x0",
       [] { convolve2d(plane_of(4), plane_of(3), {.stride = 0}); },
       [] { return conv_of_planes(4, 3, F::Conv2dFuncOptions().stride(0)); }, refuses},
      {"convolve2d_negative_padding", "convolve2d: padding takes 0 to 2147483647 on every axis, not -1x-1",
       [] { convolve2d(plane_of(4), plane_of(3), {.padding = -1}); },
       [] { return conv_of_planes(4, 3, F::Conv2dFuncOptions().padding(-1)); }, refuses},
      {"convolve2d_kernel_too_large",
       "convolve2d: kernel 5x5 with dilation 1x1 reaches over 5 cells of spatial axis 0, which has no more than 4 with "
       "its padding",
       [] { convolve2d(plane_of(4), plane_of(5)); }, [] { return conv_of_planes(4, 5, {}); }, refuses},
      {"convolve2d_empty_plane", "convolve2d: input size takes 1 to 2147483647 on every axis, not 0x0",
       [] { convolve2d(plane_of(0), plane_of(1)); }, [] { return conv_of_planes(0, 1, {}); }, refuses},
      {"pool2d_size_of_zero", "pool2d: kernel takes 1 to 2147483647 on every axis, not 0x0",
       [] { pool2d(plane_of(4), 0); }, [] { return pool_of_plane(4, F::MaxPool2dFuncOptions(0)); }, refuses},
      {"pool2d_padding_above_half_the_size",
       "pool2d: padding is at most half the kernel on every axis; 2x2 is more than half of 2x2",
       [] { pool2d(plane_of(4), 2, {.padding = 2}); },
       [] { return pool_of_plane(4, F::MaxPool2dFuncOptions(2).padding(2)); }, refuses},
      {"pool2d_size_too_large",
       "pool2d: kernel 5x5 with dilation 1x1 reaches over 5 cells of spatial axis 0, which has no more than 4 with its "
       "padding",
       [] { pool2d(plane_of(4), 5); }, [] { return pool_of_plane(4, F::MaxPool2dFuncOptions(5)); }, refuses},
  };
}

class BadCalls : public OnNativeKernels, public testing::WithParamInterface<BadCall> {};

TEST_P(BadCalls, GetASentence) {
  const BadCall& bad = GetParam();
  try {
    bad.ours();
    FAIL() << "the call went through";
  } catch (const Error& error) {
    EXPECT_EQ(error.what(), bad.sentence);
  }
}

TEST_P(BadCalls, AreRefusedByLibTorchOrTheEntrySaysWhyNot) {
  const auto& [name, sentence, ours, theirs, libtorch] = GetParam();
  if (libtorch.does == Answer::dies) {
    GTEST_FLAG_SET(death_test_style, "fast");
    EXPECT_DEATH(theirs(), "") << libtorch.why;
    return;
  }
  try {
    const torch::Tensor output = theirs();
    EXPECT_EQ(libtorch.does, Answer::accepts) << "LibTorch gave " << output.sizes();
  } catch (const std::exception& error) {
    EXPECT_EQ(libtorch.does, Answer::refuses) << "LibTorch refused: " << std::string(error.what()).substr(0, 300);
  }
}

std::vector<BadCall> every_bad_call() {
  std::vector<BadCall> all;
  for (const auto& some : {bad_convs(), bad_pools(), bad_batch_norms(), bad_plane_calls()}) {
    all.insert(all.end(), some.begin(), some.end());
  }
  return all;
}

std::string bad_call_name(const testing::TestParamInfo<BadCall>& bad) {
  return bad.param.name;
}

INSTANTIATE_TEST_SUITE_P(Of, BadCalls, testing::ValuesIn(every_bad_call()), bad_call_name);

// ---- rank and type are part of refloop's types: such calls do not compile ----

constexpr auto call_conv2d = [](const auto&... arguments) -> decltype(conv2d(arguments...)) {
  return conv2d(arguments...);
};
constexpr auto call_max_pool2d = [](const auto& input) -> decltype(max_pool2d(input, {})) {
  return max_pool2d(input, {});
};
constexpr auto call_batch_norm2d = [](const auto& input) -> decltype(batch_norm2d(input)) {
  return batch_norm2d(input);
};
template <class Function, class... Arguments>
constexpr bool compiles = std::is_invocable_v<Function, Arguments...>;

template <std::size_t Rank, class T = float>
using Of = Tensor<T, Rank>;
using Conv2dCall = decltype(call_conv2d);
static_assert(compiles<Conv2dCall, Of<4>, Of<4>>);
static_assert(!compiles<Conv2dCall, Of<3>, Of<4>> && !compiles<Conv2dCall, Of<5>, Of<4>>);
static_assert(!compiles<Conv2dCall, Of<4>, Of<3>> && !compiles<Conv2dCall, Of<4>, Of<4>, Of<2>>);
static_assert(!compiles<Conv2dCall, Of<4>, Of<4, double>>);
static_assert(compiles<decltype(call_max_pool2d), Of<4>>);
static_assert(!compiles<decltype(call_max_pool2d), Of<2>> && !compiles<decltype(call_max_pool2d), Of<5>>);
static_assert(compiles<decltype(call_batch_norm2d), Of<4>>);
static_assert(!compiles<decltype(call_batch_norm2d), Of<3>> && !compiles<decltype(call_batch_norm2d), Of<5>>);

class WrongRank : public OnNativeKernels {};
class MixedTypes : public OnNativeKernels {};

TEST_F(WrongRank, IsRefusedByLibTorchToo) {
  const auto conv = [](torch::IntArrayRef input, torch::IntArrayRef weight) {
    return F::conv2d(ones(input), ones(weight));
  };
  EXPECT_NO_THROW(conv({1, 1, 4, 4}, {1, 1, 2, 2}));
  EXPECT_THROW(conv({4, 4}, {1, 1, 2, 2}), std::exception);
  EXPECT_THROW(conv({1, 1, 1, 4, 4}, {1, 1, 2, 2}), std::exception);
  EXPECT_THROW(conv({1, 1, 4, 4}, {1, 2, 2}), std::exception);
  EXPECT_THROW(F::conv2d(ones({1, 1, 4, 4}), ones({1, 1, 2, 2}), F::Conv2dFuncOptions().bias(ones({1, 1}))),
               std::exception);
  EXPECT_THROW(F::max_pool2d(ones({4, 4}), F::MaxPool2dFuncOptions(2)), std::exception);
  EXPECT_THROW(F::max_pool2d(ones({1, 1, 1, 4, 4}), F::MaxPool2dFuncOptions(2)), std::exception);
  EXPECT_THROW(torch::nn::BatchNorm2d(1)->forward(ones({2, 1, 4})), std::exception);
  EXPECT_THROW(torch::nn::BatchNorm2d(1)->forward(ones({2, 1, 4, 4, 4})), std::exception);
}

TEST_F(WrongRank, OfThreeIsOneImageToLibTorch) {
  EXPECT_EQ(F::conv2d(ones({1, 4, 4}), ones({1, 1, 2, 2})).dim(), 3);
  EXPECT_EQ(F::max_pool2d(ones({1, 4, 4}), F::MaxPool2dFuncOptions(2)).dim(), 3);
}

TEST_F(MixedTypes, AreRefusedByLibTorchToo) {
  EXPECT_THROW(F::conv2d(ones({1, 1, 4, 4}), ones({1, 1, 2, 2}).to(torch::kFloat64)), std::exception);
}

}  // namespace
}  // namespace refloop::parity
