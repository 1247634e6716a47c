#include "refloop/conv.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>
#include <random>

#include "kernels/conv_loops.h"
#include "kernels/notebook.h"
#include "kernels/same_bits.h"
#include "refloop/plane.h"

namespace refloop {
namespace {

using Ints = std::vector<std::int64_t>;

// Weights are powers of ten, so the digits of an output, from right to left, are the inputs it read; a 0 is padding.
const Tensor<std::int64_t, 4> grid_input({1, 1, 6, 5}, Ints{1, 2, 3, 4, 5,  //
                                                            6, 7, 8, 9, 1,  //
                                                            2, 3, 4, 5, 6,  //
                                                            7, 8, 9, 1, 2,  //
                                                            3, 4, 5, 6, 7,  //
                                                            8, 9, 1, 2, 3});
const Tensor<std::int64_t, 4> grid_weight({1, 1, 3, 2}, Ints{1, 10,      //
                                                             100, 1000,  //
                                                             10000, 100000});
const ConvSettings<2> grid_settings{
    .stride = {2, 1}, .padding = {1, 0}, .padding_after = Extents<2>{0, 2}, .dilation = {2, 3}};
const Tensor<std::int64_t, 4> grid_output({1, 1, 2, 4}, Ints{179600, 281700, 90800, 10900,  //
                                                             281796, 392817, 10908, 20109});

std::mt19937_64& dice() {
  static std::mt19937_64 engine(42);
  return engine;
}

Index roll(Index least, Index most) {
  return least + static_cast<Index>(dice()() % static_cast<std::uint64_t>(most - least + 1));
}

template <std::size_t Rank>
Extents<Rank> roll_extents(Index least, Index most) {
  Extents<Rank> extents{};
  for (auto& extent : extents) extent = roll(least, most);
  return extents;
}

/// Small whole numbers for integers; for floats, fractions that make every sum round.
template <class T, std::size_t Rank>
Tensor<T, Rank> random_tensor(const Extents<Rank>& extents) {
  Tensor<T, Rank> tensor(extents);
  for (auto& element : tensor.elements()) {
    element = static_cast<T>(roll(-9, 9));
    if constexpr (std::is_floating_point_v<T>) element = static_cast<T>(roll(-1000000, 1000000)) / 999983;
  }
  return tensor;
}

/// The same elements in the same order under other extents.
template <std::size_t Rank, class T, std::size_t From>
Tensor<T, Rank> reshaped(const Tensor<T, From>& tensor, const Extents<Rank>& extents) {
  return {extents, tensor.elements()};
}

TEST(Conv, ReadsTheCellsThatEverySettingNames) {
  const auto output = conv2d(grid_input, grid_weight, {}, grid_settings);
  EXPECT_TRUE(same_bits(output, grid_output));
}

TEST(Conv, DeducesTypeAndAxesFromItsOutput) {
  auto x = grid_input;
  Tensor<std::int64_t, 4> y({1, 1, 2, 4}, -7);
  conv(x.view(), grid_weight.view(), {}, grid_settings, y.view());
  EXPECT_TRUE(same_bits(y, grid_output));

  Tensor<double, 3> line({1, 1, 3}, {1, 2, 3}), pair({2, 1, 2}, {1, 10, 100, 1000}), sums({1, 2, 2}, -7);
  conv(line.view(), pair.view(), {}, {}, sums.view());
  EXPECT_TRUE(same_bits(sums, Tensor<double, 3>({1, 2, 2}, {21, 32, 2100, 3200})));
  auto bias = tensor({0.5, 0.25});
  conv(line.view(), pair.view(), bias.view(), {.stride = {2}}, TensorView(sums.elements().data(), Extents<3>{1, 2, 1}));
  EXPECT_TRUE(same_bits(sums, Tensor<double, 3>({1, 2, 2}, {21.5, 2100.25, 2100, 3200})));

  Tensor<std::uint8_t, 5> box({1, 1, 2, 1, 2}, {1, 2, 3, 4}), taps({1, 1, 2, 1, 1}, {1, 10}), row({1, 1, 1, 1, 2}, 77);
  conv(box.view(), taps.view(), {}, {}, row.view());
  EXPECT_TRUE(same_bits(row, Tensor<std::uint8_t, 5>({1, 1, 1, 1, 2}, {31, 42})));
}

TEST(Conv, PaddingAfterIsPaddingUnlessItIsGiven) {
  const auto input = tensor({1, 2, 3}), weight = tensor({1, 10});
  const auto padded = [&](const ConvSettings<1>& settings) {
    return conv1d(reshaped<3>(input, {1, 1, 3}), reshaped<3>(weight, {1, 1, 2}), {}, settings).elements();
  };
  EXPECT_EQ(padded({.padding = {1}}), (std::vector{10, 21, 32, 3}));
  EXPECT_EQ(padded({.padding = {1}, .padding_after = Extents<1>{0}}), (std::vector{10, 21, 32}));
  EXPECT_EQ(padded({.padding_after = Extents<1>{2}}), (std::vector{21, 32, 3, 0}));
}

TEST(Conv, GroupsReadTheirOwnChannelsAndAddTheirOwnBias) {
  const Tensor<int, 3> input({1, 4, 1}, {1, 2, 3, 4});
  const Tensor<int, 3> weight({6, 2, 1}, {1, 10, 10, 1, 1, 0,  // the three output channels of group 0
                                          1, 10, 10, 1, 0, 1});
  const auto bias = tensor({100, 200, 300, 400, 500, 600});
  EXPECT_EQ(conv1d(input, weight, bias, {.groups = 2}).elements(), (std::vector{121, 212, 301, 443, 534, 604}));
}

TEST(Conv, DepthwiseWithAMultiplierKeepsChannelsTogether) {
  const Tensor<int, 3> input({1, 3, 1}, {1, 2, 3});
  const Tensor<int, 3> weight({6, 1, 1}, {1, 10, 1, 10, 1, 10});
  EXPECT_EQ(conv1d(input, weight, {}, {.groups = 3}).elements(), (std::vector{1, 10, 2, 20, 3, 30}));
}

TEST(Conv, EveryImageOfABatchIsItsOwn) {
  const Tensor<int, 3> input({3, 1, 2}, {1, 2, 3, 4, 5, 6});
  const Tensor<int, 3> weight({2, 1, 1}, {1, 10});
  EXPECT_EQ(conv1d(input, weight).elements(), (std::vector{1, 2, 10, 20, 3, 4, 30, 40, 5, 6, 50, 60}));
}

TEST(Conv, EmptyBatchGivesAnEmptyOutput) {
  const auto output = conv2d(Tensor<float, 4>({0, 2, 4, 5}), Tensor<float, 4>({3, 2, 2, 2}));
  EXPECT_EQ(output.extents(), (Extents<4>{0, 3, 3, 4}));
  EXPECT_EQ(output.size(), 0);
}

TEST(Conv, ReadsAndWritesAnyStrides) {
  // Input columns run backwards, two apart. Weight is transposed. Output rows run backwards, columns five apart.
  std::vector<std::int64_t> input_memory(6 * 10, 999), weight_memory(6), output_memory(40, -7);
  const TensorView<std::int64_t, 4> input(input_memory.data() + 8, {1, 1, 6, 5}, {0, 0, 10, -2});
  const TensorView<std::int64_t, 4> weight(weight_memory.data(), {1, 1, 3, 2}, {0, 0, 1, 3});
  const TensorView<std::int64_t, 4> output(output_memory.data() + 2, {1, 1, 2, 4}, {0, 0, -1, 5});
  for (const auto& at : positions(input.extents)) input(at) = grid_input(at);
  for (const auto& at : positions(weight.extents)) weight(at) = grid_weight(at);
  const auto input_before = input_memory, weight_before = weight_memory;

  conv(input, weight, {}, grid_settings, output);

  EXPECT_EQ(input_memory, input_before);
  EXPECT_EQ(weight_memory, weight_before);
  EXPECT_EQ(output_memory, (Ints{-7, 281796, 179600, -7, -7,  //
                                 -7, 392817, 281700, -7, -7,  //
                                 -7, 10908,  90800,  -7, -7,  //
                                 -7, 20109,  10900,  -7, -7,  //
                                 -7, -7,     -7,     -7, -7,  //
                                 -7, -7,     -7,     -7, -7,  //
                                 -7, -7,     -7,     -7, -7,  //
                                 -7, -7,     -7,     -7, -7}));
}

TEST(Conv, ReadsBatchesAndChannelsThroughTheirStrides) {
  const auto input = random_tensor<double, 4>({2, 4, 3, 5});
  const auto weight = random_tensor<double, 4>({6, 2, 2, 3});
  const auto bias = random_tensor<double, 1>({6});
  const ConvSettings<2> settings{.padding = {1, 0}, .groups = 2};
  const auto expected = conv2d(input, weight, bias, settings);

  std::vector<double> input_memory(2 * 4 * 3 * 5), weight_memory(6 * 2 * 2 * 3), bias_memory(6),
      output_memory(expected.elements().size());
  const TensorView<double, 4> channels_last(input_memory.data(), {2, 4, 3, 5}, {60, 1, 20, 4});
  const TensorView<double, 4> outputs_last(weight_memory.data(), {6, 2, 2, 3}, {1, 36, 18, 6});
  const TensorView<double, 1> reversed(bias_memory.data() + 5, {6}, {-1});
  const auto [n, c, h, w] = expected.extents();
  const TensorView<double, 4> output(output_memory.data(), {n, c, h, w}, {h * w, n * h * w, w, 1});
  for (const auto& at : positions(input.extents())) channels_last(at) = input(at);
  for (const auto& at : positions(weight.extents())) outputs_last(at) = weight(at);
  for (const auto& at : positions(bias.extents())) reversed(at) = bias(at);

  conv(channels_last, outputs_last, TensorView<const double, 1>(reversed), settings, output);

  Tensor<double, 4> gathered(expected.extents());
  for (const auto& at : positions(gathered.extents())) gathered(at) = output(at);
  EXPECT_TRUE(same_bits(gathered, expected));
}

template <class T>
T one_product(T weight, T value, T bias) {
  return conv1d(Tensor<T, 3>({1, 1, 1}, value), Tensor<T, 3>({1, 1, 1}, weight), tensor({bias}))(0, 0, 0);
}

TEST(Conv, IntegersWrap) {
  using Limits = std::numeric_limits<std::int64_t>;
  EXPECT_EQ(one_product<std::int8_t>(2, 100, 0), -56);
  EXPECT_EQ(one_product<std::int8_t>(1, 127, 1), -128);
  EXPECT_EQ(one_product<std::int8_t>(-128, -128, 3), 3);
  EXPECT_EQ(one_product<std::uint8_t>(2, 200, 1), 145);
  EXPECT_EQ(one_product<std::int16_t>(2, 20000, 0), -25536);
  EXPECT_EQ(one_product<std::int32_t>(2, 2147483647, 0), -2);
  EXPECT_EQ(one_product<std::int64_t>(2, Limits::max(), 0), -2);
  EXPECT_EQ(one_product<std::int64_t>(1, Limits::max(), 1), Limits::min());
}

TEST(Conv, InfiniteOrNanWeightOverPaddingGivesNan) {
  for (const float weight : {std::numeric_limits<float>::infinity(), std::numeric_limits<float>::quiet_NaN()}) {
    const auto output =
        conv1d(Tensor<float, 3>({1, 1, 1}, 1), Tensor<float, 3>({1, 1, 1}, weight), {}, {.padding = {1}});
    EXPECT_TRUE(std::isnan(output(0, 0, 0)));
    EXPECT_TRUE(std::isnan(output(0, 0, 2)));
  }
}

TEST(Conv, InfiniteInputOverItsWeightStaysInfinite) {
  const float inf = std::numeric_limits<float>::infinity();
  EXPECT_EQ(one_product<float>(2, inf, 1), inf);
  EXPECT_TRUE(std::isnan(one_product<float>(0, inf, 1)));
}

constexpr float big = 33554432;  // 2^25: a one added to it is lost

TEST(Conv, SumsChannelByChannelAndTapByTap) {
  // In order: 2^25, +1 is lost, -2^25 gives 0, +1 gives 1. Taps outside channels would give 2, backwards 0.
  const Tensor<float, 3> ones({1, 2, 2}, 1);
  const Tensor<float, 3> weight({1, 2, 2}, {big, 1, -big, 1});
  EXPECT_EQ(conv1d(ones, weight)(0, 0, 0), 1);
}

TEST(Conv, SumsTapsRowMajor) {
  EXPECT_EQ(conv2d(Tensor<float, 4>({1, 1, 2, 2}, 1), Tensor<float, 4>({1, 1, 2, 2}, {big, 1, -big, 1}))(0, 0, 0, 0),
            1);
  EXPECT_EQ(
      conv3d(Tensor<float, 5>({1, 1, 2, 1, 2}, 1), Tensor<float, 5>({1, 1, 2, 1, 2}, {big, 1, -big, 1}))(0, 0, 0, 0, 0),
      1);
  EXPECT_EQ(
      conv3d(Tensor<float, 5>({1, 1, 2, 2, 1}, 1), Tensor<float, 5>({1, 1, 2, 2, 1}, {big, 1, -big, 1}))(0, 0, 0, 0, 0),
      1);
}

TEST(Conv, StartsAtTheBias) {
  const Tensor<float, 3> ones({1, 1, 2}, 1);
  const Tensor<float, 3> weight({1, 1, 2}, {big, -big});
  EXPECT_EQ(conv1d(ones, weight, tensor({1.F}))(0, 0, 0), 0);  // added last, the bias would survive
}

TEST(Conv, NegativeZerosAddUpToZeroUnlessTheBiasIsOneToo) {
  EXPECT_FALSE(std::signbit(conv1d(Tensor<double, 3>({1, 1, 1}, 1), Tensor<double, 3>({1, 1, 1}, -0.0))(0, 0, 0)));
  EXPECT_FALSE(std::signbit(one_product<double>(-0.0, 1, 0)));
  EXPECT_TRUE(std::signbit(one_product<double>(-0.0, 1, -0.0)));
}

TEST(Conv, NegativeZerosStayWhereTheSumHasNoStart) {
  const Tensor<double, 3> one({1, 1, 1}, 1), weight({1, 1, 1}, -0.0);
  const auto zero = tensor({0.0});
  const Window<1> window{.kernel = {1}};
  Tensor<double, 3> output({1, 1, 1}, -7);
  conv_loops<FromFirst<InOrder<double>>>(one.view(), weight.view(), {}, window, 1, output.view());
  EXPECT_TRUE(same_bits(output(0, 0, 0), -0.0));
  conv_loops<FromFirst<InOrder<double>>>(one.view(), weight.view(), zero.view(), window, 1, output.view());
  EXPECT_TRUE(same_bits(output(0, 0, 0), 0.0));
}

TEST(Conv, RoundsEachProductBeforeItIsAdded) {
  // (1 + 2^-12)^2 = 1 + 2^-11 + 2^-24 rounds to 1 + 2^-11; a fused multiply-add would leave 2^-24.
  const float factor = 1 + 0x1p-12F;
  EXPECT_EQ(one_product<float>(factor, factor, -(1 + 0x1p-11F)), 0);
  const double finer = 1 + 0x1p-27;
  EXPECT_EQ(one_product<double>(finer, finer, -(1 + 0x1p-26)), 0);
}

TEST(Conv, ChannelsLastPutsTapsOutsideChannelsInsideAndTheBiasLast) {
  const Tensor<float, 3> ones({1, 2, 2}, 1);
  const Tensor<float, 3> weight({1, 2, 2}, {big, 1, -big, 1});
  const auto bias = tensor({1.F});
  Tensor<float, 3> output({1, 1, 1}, -7);
  const Window<1> window{.kernel = {2}};
  conv_taps_outside<StartLast<InOrder<float>>>(ones.view(), weight.view(), {}, window, 1, output.view());
  EXPECT_EQ(output(0, 0, 0), 2);
  conv_taps_outside<StartLast<InOrder<float>>>(ones.view(), weight.view(), bias.view(), window, 1, output.view());
  EXPECT_EQ(output(0, 0, 0), 3);

  const Tensor<float, 3> one({1, 1, 2}, 1), cancelling({1, 1, 2}, {big, -big});
  conv_taps_outside<StartLast<InOrder<float>>>(one.view(), cancelling.view(), bias.view(), window, 1, output.view());
  EXPECT_EQ(output(0, 0, 0), 1);
}

TEST(Conv, OrderAndSumAreChosenApart) {
  // Channels outside add 2^25, 1, -2^25, 1; taps outside add 2^25, -2^25, 1, 1. A one added to 2^25 is lost.
  const Tensor<float, 3> ones({1, 2, 2}, 1);
  const Tensor<float, 3> weight({1, 2, 2}, {big, 1, -big, 1});
  const auto bias = tensor({1.F});
  const Window<1> window{.kernel = {2}};
  Tensor<float, 3> output({1, 1, 1}, -7);
  conv_loops<InOrder<float>>(ones.view(), weight.view(), bias.view(), window, 1, output.view());
  EXPECT_TRUE(same_bits(output(0, 0, 0), 1.F));
  conv_loops<StartLast<InOrder<float>>>(ones.view(), weight.view(), bias.view(), window, 1, output.view());
  EXPECT_TRUE(same_bits(output(0, 0, 0), 2.F));
  conv_taps_outside<InOrder<float>>(ones.view(), weight.view(), bias.view(), window, 1, output.view());
  EXPECT_TRUE(same_bits(output(0, 0, 0), 2.F));
  conv_taps_outside<StartLast<InOrder<float>>>(ones.view(), weight.view(), bias.view(), window, 1, output.view());
  EXPECT_TRUE(same_bits(output(0, 0, 0), 3.F));
}

/// One convolution drawn at random, small enough for thousands, with settings that differ per axis.
template <class T, std::size_t Dims>
struct RandomConv {
  Tensor<T, Dims + 2> input, weight;
  std::optional<Tensor<T, 1>> bias;
  ConvSettings<Dims> settings;

  RandomConv() {
    settings = {.stride = roll_extents<Dims>(1, 3),
                .padding = roll_extents<Dims>(0, 2),
                .padding_after = roll_extents<Dims>(0, 2),
                .dilation = roll_extents<Dims>(1, 3),
                .groups = roll(1, 3)};
    const auto kernel = roll_extents<Dims>(1, 3);
    auto spatial = roll_extents<Dims>(1, 5);
    for (std::size_t axis = 0; axis < Dims; ++axis) {
      const Index padding = settings.padding[axis] + (*settings.padding_after)[axis];
      spatial[axis] = std::max(spatial[axis], reach(kernel[axis], settings.dilation[axis]) - padding);
    }
    const Index channels_per_group = roll(1, 3), out_channels = settings.groups * roll(1, 2);
    input = random_tensor<T>(with_spatial(roll(1, 2), channels_per_group * settings.groups, spatial));
    weight = random_tensor<T>(with_spatial(out_channels, channels_per_group, kernel));
    if (roll(0, 1) == 1) bias = random_tensor<T, 1>({out_channels});
  }

  Tensor<T, Dims + 2> run() const { return conv_value(input, weight, bias, settings); }

  /// The same through loops of one's own choice, `loops(input, weight, bias, window, groups, output)`.
  template <class Loops>
  Tensor<T, Dims + 2> run(const Loops& loops) const {
    const auto window = settings.window(weight.view().spatial());
    const auto spatial = window.output_extents(input.view().spatial());
    Tensor<T, Dims + 2> output(with_spatial(input.extents()[0], weight.extents()[0], spatial), T{77});
    std::optional<TensorView<const T, 1>> bias_view;
    if (bias) bias_view = bias->view();
    loops(input.view(), weight.view(), bias_view, window, settings.groups, output.view());
    return output;
  }
};

/// The sum the other way round: every input cell is thrown at each output whose window covers it.
template <std::size_t Dims>
Tensor<std::int64_t, Dims + 2> scattered(const RandomConv<std::int64_t, Dims>& conv, const Extents<Dims + 2>& extents) {
  const auto [stride, padding, padding_after, dilation, groups] = conv.settings;
  Tensor<std::int64_t, Dims + 2> output(extents);
  for (const auto& at : positions(extents)) output(at) = conv.bias ? (*conv.bias)(at[1]) : 0;
  for (const auto& from : positions(conv.input.extents())) {
    for (const auto& weight_at : positions(conv.weight.extents())) {
      auto to = from;
      to[1] = weight_at[0];
      bool covered = from[1] / conv.weight.extents()[1] == weight_at[0] / (conv.weight.extents()[0] / groups) &&
                     from[1] % conv.weight.extents()[1] == weight_at[1];
      for (std::size_t axis = 0; axis < Dims; ++axis) {
        const Index start = from[axis + 2] + padding[axis] - weight_at[axis + 2] * dilation[axis];
        to[axis + 2] = start / stride[axis];
        covered = covered && start >= 0 && start % stride[axis] == 0 && to[axis + 2] < extents[axis + 2];
      }
      if (covered) output(to) += conv.weight(weight_at) * conv.input(from);
    }
  }
  return output;
}

template <std::size_t Dims>
void expect_the_scattered_sums() {
  for (int trial = 0; trial < 300; ++trial) {
    const RandomConv<std::int64_t, Dims> conv;
    const auto output = conv.run();
    ASSERT_TRUE(same_bits(output, scattered(conv, output.extents()))) << "trial " << trial;
  }
}

TEST(Conv, EqualsTheSameSumsScatteredFromTheInput) {
  expect_the_scattered_sums<1>();
  expect_the_scattered_sums<2>();
  expect_the_scattered_sums<3>();
}

template <class Sum>
constexpr auto channels_outside = [](const auto&... arguments) { conv_loops<Sum>(arguments...); };
template <class Sum>
constexpr auto taps_outside = [](const auto&... arguments) { conv_taps_outside<Sum>(arguments...); };

TEST(Conv, ChannelsLastAddsTheSameTerms) {
  for (int trial = 0; trial < 300; ++trial) {
    const RandomConv<std::int32_t, 2> conv;
    const auto output = conv.run(taps_outside<StartLast<InOrder<std::int32_t>>>);
    ASSERT_TRUE(same_bits(output, conv.run())) << "trial " << trial;
  }
}

/// With fractions cut off: whole numbers so small that their sums are exact, and no -0 among them.
template <class T, std::size_t Dims>
RandomConv<T, Dims> cut_to_whole(RandomConv<T, Dims> conv) {
  const auto cut = [](auto& tensor) {
    for (auto& element : tensor.elements()) element = static_cast<T>(static_cast<int>(element * 9));
  };
  cut(conv.input);
  cut(conv.weight);
  if (conv.bias) cut(*conv.bias);
  return conv;
}

TEST(Conv, OfWholeNumbersHasOneAnswerInEveryOrder) {
  for (int trial = 0; trial < 300; ++trial) {
    const auto conv = cut_to_whole(RandomConv<float, 2>());
    const auto expected = conv.run(channels_outside<InOrder<float>>);
    ASSERT_TRUE(same_bits(conv.run(), expected)) << "trial " << trial;
    ASSERT_TRUE(same_bits(conv.run(channels_outside<StartLast<InOrder<float>>>), expected)) << "trial " << trial;
    ASSERT_TRUE(same_bits(conv.run(taps_outside<InOrder<float>>), expected)) << "trial " << trial;
    ASSERT_TRUE(same_bits(conv.run(taps_outside<StartLast<InOrder<float>>>), expected)) << "trial " << trial;
  }
}

/// `conv` with an axis of size 1 put in before spatial axis `where`.
template <std::size_t Dims>
Tensor<float, Dims + 3> with_degenerate_axis(const RandomConv<float, Dims>& conv, std::size_t where) {
  const auto put_in = [where](const auto& extents, Index value, std::size_t first) {
    Extents<std::tuple_size_v<std::decay_t<decltype(extents)>> + 1> wider{};
    for (std::size_t axis = 0; axis < wider.size(); ++axis) {
      wider[axis] = axis < first + where ? extents[axis] : axis == first + where ? value : extents[axis - 1];
    }
    return wider;
  };
  const ConvSettings<Dims + 1> settings{.stride = put_in(conv.settings.stride, 2, 0),
                                        .padding = put_in(conv.settings.padding, 0, 0),
                                        .padding_after = put_in(*conv.settings.padding_after, 0, 0),
                                        .dilation = put_in(conv.settings.dilation, 3, 0),
                                        .groups = conv.settings.groups};
  return conv_value(reshaped<Dims + 3>(conv.input, put_in(conv.input.extents(), 1, 2)),
                    reshaped<Dims + 3>(conv.weight, put_in(conv.weight.extents(), 1, 2)), conv.bias, settings);
}

template <std::size_t Dims>
void expect_degenerate_axes_change_no_bit() {
  for (int trial = 0; trial < 100; ++trial) {
    const RandomConv<float, Dims> conv;
    const auto expected = conv.run();
    for (std::size_t where = 0; where <= Dims; ++where) {
      const auto output = with_degenerate_axis(conv, where);
      ASSERT_TRUE(same_bits(reshaped<Dims + 2>(output, expected.extents()), expected)) << "axis " << where;
    }
  }
}

TEST(Conv, AnAxisOfSizeOneChangesNoBit) {
  expect_degenerate_axes_change_no_bit<1>();
  expect_degenerate_axes_change_no_bit<2>();
}

TEST(Conv, LoopOfTheNotebookGivesTheSame) {
  const auto plane_of = [](const Tensor<std::int64_t, 4>& tensor, Index first, Index second) {
    const auto [images, channels, height, width] = tensor.extents();
    EXPECT_LT(first, images);
    const auto start = tensor.elements().begin() + (first * channels + second) * height * width;
    return Tensor<std::int64_t, 2>({height, width}, Ints(start, start + height * width));
  };
  for (const auto& [stride, padding, dilation] : {PlaneSettings{1, 0, 1}, {2, 0, 1}, {1, 1, 1}, {1, 1, 2}, {3, 2, 2}}) {
    const auto input = random_tensor<std::int64_t, 4>({2, 3, 6, 7});
    const auto weight = random_tensor<std::int64_t, 4>({4, 3, 3, 2});
    const auto output =
        conv2d(input, weight, {},
               {.stride = filled<2>(stride), .padding = filled<2>(padding), .dilation = filled<2>(dilation)});

    Tensor<std::int64_t, 4> result(output.extents());
    for (Index i = 0; i < 2; ++i) {
      for (Index j = 0; j < 4; ++j) {
        for (Index k = 0; k < 3; ++k) {
          const auto total = convolve2d(plane_of(input, i, k), plane_of(weight, j, k), {stride, padding, dilation});
          for (const auto& [y, x] : positions(total.extents())) result(i, j, y, x) += total(y, x);
        }
      }
    }

    EXPECT_TRUE(same_bits(output, result)) << "stride " << stride << " padding " << padding;
  }
}

TEST(Notebook, BatchesAndChannels) {
  Ints channels = notebook_plane().elements();
  const Ints second = notebook_second_plane().elements();
  channels.insert(channels.end(), second.begin(), second.end());
  Tensor<std::int64_t, 4> filter({4, 2, 3, 3});
  for (Index k = 0; k < 8; ++k) filter(k / 2, k % 2, k / 3, k % 3) = 1;

  const auto output = conv2d(Tensor<std::int64_t, 4>({1, 2, 6, 6}, channels), filter);
  EXPECT_EQ(output.extents(), (Extents<4>{1, 4, 4, 4}));
  // The notebook's file shows this much of it.
  const auto& elements = output.elements();
  EXPECT_EQ(Ints(elements.begin(), elements.begin() + 8), (Ints{8, 9, 6, 10,  //
                                                                9, 11, 3, 6}));
}

TEST(Notebook, SizesThroughALayerStack) {
  Extents<2> size{1, 17};
  std::vector<Extents<2>> sizes;
  for (const Index stride : {1, 2, 2, 1}) {
    size = conv_output_extents<2>(size, {1, 3}, {.stride = filled<2>(stride)});
    sizes.push_back(size);
  }
  EXPECT_EQ(sizes, (std::vector<Extents<2>>{{1, 15}, {1, 7}, {1, 3}, {1, 1}}));
}

TEST(Conv, OutputExtentsAreThoseOfTheOutput) {
  for (int trial = 0; trial < 100; ++trial) {
    const RandomConv<std::int64_t, 3> conv;
    const auto extents =
        conv_output_extents<3>(conv.input.view().spatial(), conv.weight.view().spatial(), conv.settings);
    EXPECT_EQ(extents, conv.run().view().spatial());
  }
}

}  // namespace
}  // namespace refloop
