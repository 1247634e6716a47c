#include "refloop/batch_norm.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>
#include <limits>

#include "kernels/batch_norm_loops.h"
#include "kernels/notebook.h"
#include "kernels/same_bits.h"

namespace refloop {
namespace {

using Floats = std::vector<float>;
using Texts = std::vector<std::string>;

/// The elements as the notebook prints them.
template <std::size_t Rank>
Texts four_decimals(const Tensor<float, Rank>& tensor) {
  Texts texts;
  for (const float element : tensor.elements()) {
    char text[64];
    std::snprintf(text, sizeof text, "%.4f", static_cast<double>(element));
    texts.emplace_back(text);
  }
  return texts;
}

// 2 images, 3 channels, 1 x 2. Channel means 2, 3, 7; squared distances 16, 16, 0 over 4 values.
Tensor<double, 4> grid_input() {
  return {{2, 3, 1, 2},
          std::vector<double>{0, 4, 1, 1, 7, 7,  //
                              0, 4, 5, 5, 7, 7}};
}

template <class Call>
std::string refusal(Call call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "accepted";
}

TEST(BatchNorm, GivesTheGridWorkedOutByHand) {
  const auto weight = tensor({3.0, 1.0, 5.0}), bias = tensor({10.0, 0.0, -2.0});
  RunningStatistics<double> running(tensor({8.0, 1.0, 7.0}), tensor({4.0, 0.0, 8.0}));
  const auto output = batch_norm2d(grid_input(), weight, bias, &running, {.momentum = 0.25, .eps = 0});
  EXPECT_TRUE(same_bits(output, Tensor<double, 4>({2, 3, 1, 2}, std::vector<double>{7, 13, -1, -1, -2, -2,  //
                                                                                    7, 13, 1, 1, -2, -2})));
  EXPECT_TRUE(same_bits(running.mean, tensor({0.25 * 2 + 0.75 * 8, 0.25 * 3 + 0.75 * 1, 7.0})));
  EXPECT_TRUE(same_bits(running.variance, tensor({0.25 * (16.0 / 3) + 0.75 * 4, 0.25 * (16.0 / 3), 6.0})));
}

TEST(BatchNorm, EvaluatesByWhatIsRunningAndLeavesIt) {
  RunningStatistics<double> running(tensor({1.0, 2.0, 3.0}), tensor({4.0, 16.0, 1.0}));
  const auto output = batch_norm2d(grid_input(), {}, {}, &running, {.training = false, .eps = 0});
  EXPECT_TRUE(same_bits(output, Tensor<double, 4>({2, 3, 1, 2}, std::vector<double>{-0.5, 1.5, -0.25, -0.25, 4, 4,  //
                                                                                    -0.5, 1.5, 0.75, 0.75, 4, 4})));
  EXPECT_EQ(running.mean, tensor({1.0, 2.0, 3.0}));
  EXPECT_EQ(running.variance, tensor({4.0, 16.0, 1.0}));
}

TEST(BatchNorm, GivesWhatTheNotebookPrints) {
  const auto output = batch_norm2d(notebook_batch());
  EXPECT_EQ(output.extents(), (Extents<4>{2, 2, 2, 2}));
  EXPECT_EQ(four_decimals(output), (Texts{"0.1187", "-0.8307", "-0.8307", "-0.8307",   //
                                          "-1.0422", "-0.6797", "-1.0422", "-1.0422",  //
                                          "-0.8307", "0.1187", "1.0681", "2.0175",     //
                                          "0.4078", "0.7703", "1.1329", "1.4954"}));
}

TEST(ChannelStatistics, ShowsBothVariancesOfTheNotebook) {
  const auto statistics = channel_statistics(notebook_batch());
  EXPECT_EQ(four_decimals(statistics.mean), (Texts{"0.8750", "2.8750"}));
  EXPECT_EQ(four_decimals(statistics.kept_variance), (Texts{"1.2679", "8.6964"}));  // the notebook normalized by these
  EXPECT_EQ(statistics.biased_variance, tensor({8.875f / 8, 60.875f / 8}));
}

TEST(ChannelStatistics, AreWhatTrainingUses) {
  const auto statistics = channel_statistics(notebook_batch());
  RunningStatistics<float> running(2);
  const auto trained = batch_norm2d(notebook_batch(), {}, {}, &running, {.momentum = 1});
  EXPECT_TRUE(same_bits(running.mean, statistics.mean));
  EXPECT_TRUE(same_bits(running.variance, statistics.kept_variance));

  RunningStatistics<float> biased(statistics.mean, statistics.biased_variance);
  EXPECT_TRUE(same_bits(batch_norm2d(notebook_batch(), {}, {}, &biased, {.training = false}), trained));
}

TEST(BatchNorm, SumsInDoubleButInTypeForOneValuePerImageAndChannel) {
  const Floats values{16777216, 1, 1, -16777216};  // in float, the ones get lost
  EXPECT_EQ(channel_statistics(Tensor<float, 3>({1, 1, 4}, values)).mean(0), 0.5f);
  EXPECT_EQ(channel_statistics(Tensor<float, 3>({2, 1, 2}, values)).mean(0), 0.5f);
  EXPECT_EQ(channel_statistics(Tensor<float, 2>({4, 1}, values)).mean(0), 0.0f);
  EXPECT_EQ(channel_statistics(Tensor<float, 5>({4, 1, 1, 1, 1}, values)).mean(0), 0.0f);
}

TEST(BatchNorm, LoopsSumInTheTypeTheyAreTold) {
  const Tensor<float, 3> input({1, 1, 4}, Floats{16777216, 1, 1, -16777216});
  const auto in_double = channel_spread<InOrder<double>>(input.view(), 0);
  const auto in_float = channel_spread<InOrder<float>>(input.view(), 0);
  EXPECT_EQ(in_double.mean, 0.5f);
  EXPECT_EQ(in_float.mean, 0.0f);
  EXPECT_EQ(in_double.biased_variance(), 0x1p47f);
  EXPECT_EQ(in_float.biased_variance(), 0x1p47f);

  // The variances agree, so a one comes out half as far from a mean of 0.5 as from one of 0.
  Tensor<float, 3> of_double({1, 1, 4}, -77.0f), of_float({1, 1, 4}, -77.0f);
  batch_norm_loops<InOrder<double>, InverseDeviation>(input.view(), {}, {}, of_double.view());
  batch_norm_loops<InOrder<float>, InverseDeviation>(input.view(), {}, {}, of_float.view());
  EXPECT_TRUE(same_bits(of_double, batch_norm1d(input)));
  EXPECT_TRUE(same_bits(of_float(0, 0, 1), 2 * of_double(0, 0, 1)));
}

TEST(BatchNorm, LoopsSumSquaresInTheTypeTheyAreTold) {
  // Squares 2^24, 1, 1, 1, 2^24, 1, 1, 1. In float the ones get lost; in double they leave 2^25 + 6, which rounds.
  const Tensor<float, 3> input({2, 1, 4}, Floats{4096, 1, 1, 1, -4096, -1, -1, -1});
  EXPECT_EQ(channel_spread<InOrder<double>>(input.view(), 0).squares, 33554440.0f);
  EXPECT_EQ(channel_spread<InOrder<float>>(input.view(), 0).squares, 33554432.0f);
}

TEST(BatchNorm, IsTheSameForEveryNumberOfAxes) {
  const std::vector<double> values{1, 2, 4, 8, -3, 5, 0, 6};
  const auto flat = batch_norm1d(Tensor<double, 3>({2, 2, 2}, values)).elements();
  EXPECT_EQ(batch_norm2d(Tensor<double, 4>({2, 2, 1, 2}, values)).elements(), flat);
  EXPECT_EQ(batch_norm3d(Tensor<double, 5>({2, 2, 2, 1, 1}, values)).elements(), flat);
}

TEST(BatchNorm, LeavesAConstantChannelWithoutEpsAtItsBias) {
  EXPECT_EQ(batch_norm1d(Tensor<float, 2>({3, 1}, 5.0f), {}, tensor({2.0f}), nullptr, {.eps = 0}),
            (Tensor<float, 2>({3, 1}, 2.0f)));
}

/// Zero variance is no zero deviation where there is an eps: 1 / sqrt(0.25) = 2, and the weight stays in.
TEST(BatchNorm, KeepsEpsWhereTheVarianceIsZero) {
  RunningStatistics<float> running(tensor({3.0f}), tensor({0.0f}));
  const Tensor<float, 2> input({3, 1}, {3.0f, 4.0f, 5.0f});
  EXPECT_EQ(batch_norm1d(input, tensor({10.0f}), tensor({1.0f}), &running, {.training = false, .eps = 0.25}),
            (Tensor<float, 2>({3, 1}, {1.0f, 21.0f, 41.0f})));
  // In training 5e8 * 20 swallows the bias before it is taken back; a scale of 0 would leave the bias.
  EXPECT_EQ(batch_norm1d(Tensor<float, 2>({3, 1}, 5e8f), tensor({10.0f}), tensor({1.0f}), nullptr, {.eps = 0.25}),
            (Tensor<float, 2>({3, 1}, 0.0f)));
}

/// In evaluation every step of the inverse is a float's: in double it rounds otherwise for many a variance.
TEST(BatchNorm, EvaluatesWithAnInverseInTheTypeItself) {
  const double eps = 1e-5;
  int told = 0;
  for (int step = 1; step <= 200; ++step) {
    const float variance = 0.01F * static_cast<float>(step);
    const float in_float = 1 / std::sqrt(variance + static_cast<float>(eps));
    const auto in_double = static_cast<float>(1 / std::sqrt(static_cast<double>(variance) + eps));
    told += in_float != in_double;
    RunningStatistics<float> running(tensor({0.0f}), tensor({variance}));
    const Tensor<float, 2> output =
        batch_norm1d(Tensor<float, 2>({1, 1}, 1.0f), {}, {}, &running, {.training = false, .eps = eps});
    ASSERT_TRUE(same_bits(output, Tensor<float, 2>({1, 1}, in_float))) << variance;
  }
  EXPECT_GT(told, 20) << "the two must differ somewhere";
}

TEST(BatchNorm, SpoilsOnlyTheChannelThatHasANan) {
  auto input = grid_input();
  input(1, 1, 0, 0) = std::nan("");
  RunningStatistics<double> running(3);
  const auto output = batch_norm2d(input, {}, {}, &running);
  EXPECT_TRUE(std::isnan(output(0, 1, 0, 1)) && std::isnan(running.mean(1)) && std::isnan(running.variance(1)));
  EXPECT_EQ(output(0, 2, 0, 1), 0);
  EXPECT_FALSE(std::isnan(output(1, 0, 0, 0)));
}

TEST(BatchNorm, AveragesAllBatchesWithTheCumulativeMomentum) {
  RunningStatistics<double> running(1);
  const double means[] = {4, 8, 3};
  for (Index batch = 0; batch < 3; ++batch) {
    const double mean = means[batch];
    const auto input = Tensor<double, 2>({2, 1}, std::vector<double>{mean - 1, mean + 1});
    batch_norm1d(input, {}, {}, &running, {.momentum = cumulative_momentum(batch)});
  }
  EXPECT_NEAR(running.mean(0), 5, 1e-15);
  EXPECT_NEAR(running.variance(0), 2, 1e-15);
}

TEST(BatchNorm, ReadsAndWritesAnyStrides) {
  const auto input = grid_input();
  std::vector<double> channels_last(12);
  const Extents<4> steps{6, 1, 6, 3};
  const TensorView<double, 4> view(channels_last.data(), input.extents(), steps);
  for (const auto& at : positions(input.extents())) view(at) = input(at);
  batch_norm(view, {}, {}, view);
  const auto dense = batch_norm2d(input);
  for (const auto& at : positions(input.extents())) EXPECT_EQ(view(at), dense(at));
}

TEST(BatchNorm, UpdatesOnlyWhatItIsGiven) {
  const auto input = grid_input();
  auto variance = tensor({1.0, 1.0, 1.0});
  Tensor<double, 4> output(input.extents());
  batch_norm(input.view(), {.running_var = variance.view()}, {.momentum = 1}, output.view());
  EXPECT_EQ(variance, tensor({16.0 / 3, 16.0 / 3, 0.0}));
  EXPECT_EQ(output, batch_norm2d(input));
}

struct Sizes {
  std::optional<Index> weight{}, bias{}, running_mean{}, running_var{};
};

struct BadBatchNorm {
  const char* sentence;
  BatchNormSettings settings{};
  Sizes sizes{};
  Extents<4> input{2, 3, 1, 2};
  Extents<4> output = input;
};

constexpr double infinity = std::numeric_limits<double>::infinity();

const BadBatchNorm bad_calls[] = {
    {"batch_norm2d: momentum takes 0 to 1, not -0.1", {.momentum = -0.1}},
    {"batch_norm2d: momentum takes 0 to 1, not 1.5", {.momentum = 1.5}},
    {"batch_norm2d: momentum takes 0 to 1, not nan", {.momentum = std::numeric_limits<double>::quiet_NaN()}},
    {"batch_norm2d: eps takes 0 to 3.40282e+38, not -1e-05", {.eps = -1e-5}},
    {"batch_norm2d: eps takes 0 to 3.40282e+38, not inf", {.eps = infinity}},
    {"batch_norm2d: eps takes 0 to 3.40282e+38, not nan", {.eps = std::numeric_limits<double>::quiet_NaN()}},
    {"batch_norm2d: weight has 2 values; input has 3 channels", {}, {.weight = 2}},
    {"batch_norm2d: bias has 4 values; input has 3 channels", {}, {.bias = 4}},
    {"batch_norm2d: running_mean has 1 values; input has 3 channels", {}, {.running_mean = 1}},
    {"batch_norm2d: running_var has 0 values; input has 3 channels", {}, {.running_var = 0}},
    {"batch_norm2d: evaluation normalizes by running_mean and running_var; give both", {.training = false}},
    {"batch_norm2d: evaluation normalizes by running_mean and running_var; give both",
     {.training = false},
     {.running_mean = 3}},
    {"batch_norm2d: training takes 2 or more values per channel; input 1x3x1x1 has 1", {}, {}, {1, 3, 1, 1}},
    {"batch_norm2d: input channels take 1 or more, not 0", {}, {}, {2, 0, 1, 2}},
    {"batch_norm2d: input size takes 1 to 2147483647 on every axis, not 0x2", {}, {}, {2, 3, 0, 2}},
    {"batch_norm2d: output is 2x3x2x1; these inputs and settings give 2x3x1x2", {}, {}, {2, 3, 1, 2}, {2, 3, 2, 1}},
};

TEST(BatchNorm, SaysWhyItRefusesACallAndWritesNothing) {
  for (const auto& bad : bad_calls) {
    const Tensor<float, 4> input(bad.input);
    Tensor<float, 4> output(bad.output, -77.0f);
    std::array<float, 8> memory{};
    BatchNormChannels<float> channels;
    const auto give = [&](auto& values, const std::optional<Index>& size) {
      if (size) values.emplace(memory.data(), Extents<1>{*size});
    };
    give(channels.weight, bad.sizes.weight);
    give(channels.bias, bad.sizes.bias);
    give(channels.running_mean, bad.sizes.running_mean);
    give(channels.running_var, bad.sizes.running_var);
    EXPECT_EQ(refusal([&] { batch_norm(input.view(), channels, bad.settings, output.view()); }), bad.sentence);
    for (const float element : output.elements()) EXPECT_EQ(element, -77.0f) << bad.sentence;
  }
}

TEST(BatchNorm, RefusesByTheNameThatWasCalled) {
  const std::string rest = ": training takes 2 or more values per channel; input ";
  EXPECT_EQ(refusal([] { batch_norm1d(Tensor<float, 2>({1, 3})); }), "batch_norm1d" + rest + "1x3 has 1");
  EXPECT_EQ(refusal([] { batch_norm1d(Tensor<float, 3>({1, 3, 1})); }), "batch_norm1d" + rest + "1x3x1 has 1");
  EXPECT_EQ(refusal([] {
              batch_norm3d(Tensor<float, 5>({1, 3, 1, 1, 1}));
            }),
            "batch_norm3d" + rest + "1x3x1x1x1 has 1");
  EXPECT_EQ(refusal([] { channel_statistics(Tensor<float, 2>({1, 3})); }), "channel_statistics" + rest + "1x3 has 1");
}

TEST(BatchNorm, EvaluatesAnEmptyBatchAndASingleValue) {
  RunningStatistics<float> running(2);
  const BatchNormSettings evaluation{.training = false};
  EXPECT_EQ(batch_norm1d(Tensor<float, 2>({0, 2}), {}, {}, &running, evaluation).size(), 0);
  EXPECT_EQ(batch_norm1d(Tensor<float, 2>({1, 2}), {}, {}, &running, evaluation), (Tensor<float, 2>({1, 2})));
}

}  // namespace
}  // namespace refloop
