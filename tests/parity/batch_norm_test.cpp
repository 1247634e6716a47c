// Batch norm: the loops of refloop/batch_norm.h and LibTorch's own, on the same memory, equal in every bit.
#include "refloop/batch_norm.h"

#include <torch/nn/functional/batchnorm.h>
#include <torch/nn/modules/batchnorm.h>

#include <cstdio>

#include "parity/same_bits.h"

namespace refloop::parity {
namespace {

namespace F = torch::nn::functional;

class BatchNorm : public OnNativeKernels {};

TEST_F(BatchNorm, EqualsLibTorchInEveryBit) {
  const auto input = drawn<float, 4>({4, 3, 5, 6}, 1);
  const auto weight = drawn<float, 1>({3}, 2);
  const auto bias = drawn<float, 1>({3}, 3);
  for (const double momentum : {0.0, 0.1, 0.7, 1.0}) {
    for (const double eps : {0.0, 1e-5, 0.5}) {
      for (const bool training : {true, false}) {
        const torch::Tensor running_mean = torch::full({3}, 0.25);
        const torch::Tensor running_var = torch::full({3}, 2.5);
        const torch::Tensor expected = torch::nn::functional::batch_norm(as_torch(input), running_mean, running_var,
                                                                         F::BatchNormFuncOptions()
                                                                             .weight(as_torch(weight))
                                                                             .bias(as_torch(bias))
                                                                             .momentum(momentum)
                                                                             .eps(eps)
                                                                             .training(training));

        RunningStatistics<float> running(Tensor<float, 1>({3}, 0.25F), Tensor<float, 1>({3}, 2.5F));
        const Tensor output =
            batch_norm2d(input, weight, bias, &running, {.training = training, .momentum = momentum, .eps = eps});

        SCOPED_TRACE(testing::Message() << "momentum " << momentum << ", eps " << eps << ", training " << training);
        EXPECT_TRUE(same_bits(output, expected));
        EXPECT_TRUE(same_bits(running.mean, running_mean));
        EXPECT_TRUE(same_bits(running.variance, running_var));
      }
    }
  }
}

TEST_F(BatchNorm, NeedsNothingButItsInputInTraining) {
  const auto input = drawn<double, 3>({4, 3, 7}, 4);
  EXPECT_TRUE(
      same_bits(batch_norm1d(input), F::batch_norm(as_torch(input), {}, {}, F::BatchNormFuncOptions().training(true))));
}

// ---- torch::nn's layers: three batches of training, and then evaluation ----

/// `batch_norm` is ours for the layer's number of axes.
template <class Layer, class T, std::size_t Rank, class Ours>
void trains_and_evaluates(Layer layer, const Extents<Rank>& extents, Ours&& batch_norm) {
  const Index channels = extents[1];
  const auto weight = drawn<T, 1>({channels}, 2);
  const auto bias = drawn<T, 1>({channels}, 3);
  layer->to(c10::CppTypeToScalarType<T>::value);
  layer->weight.copy_(as_torch(weight));
  layer->bias.copy_(as_torch(bias));
  RunningStatistics<T> running(channels);
  for (const bool training : {true, true, true, false}) {
    for (std::uint64_t seed : {10U, 11U}) {
      const auto input = drawn<T, Rank>(extents, seed);
      layer->train(training);
      const torch::Tensor expected = layer->forward(as_torch(input));
      EXPECT_TRUE(
          same_bits(batch_norm(input, weight, bias, &running, BatchNormSettings{.training = training}), expected));
      EXPECT_TRUE(same_bits(running.mean, layer->running_mean));
      EXPECT_TRUE(same_bits(running.variance, layer->running_var));
    }
  }
}

const auto ours1d = [](const auto&... arguments) { return batch_norm1d(arguments...); };
const auto ours2d = [](const auto&... arguments) { return batch_norm2d(arguments...); };
const auto ours3d = [](const auto&... arguments) { return batch_norm3d(arguments...); };

TEST_F(BatchNorm, ModuleOfOneAxis) {
  trains_and_evaluates<torch::nn::BatchNorm1d, float, 3>(torch::nn::BatchNorm1d(5), {3, 5, 17}, ours1d);
  trains_and_evaluates<torch::nn::BatchNorm1d, double, 3>(torch::nn::BatchNorm1d(1), {2, 1, 3}, ours1d);
}

TEST_F(BatchNorm, ModuleWithoutAxes) {
  trains_and_evaluates<torch::nn::BatchNorm1d, float, 2>(torch::nn::BatchNorm1d(5), {33, 5}, ours1d);
  trains_and_evaluates<torch::nn::BatchNorm1d, double, 2>(torch::nn::BatchNorm1d(7), {2, 7}, ours1d);
}

TEST_F(BatchNorm, ModuleOfTwoAxes) {
  trains_and_evaluates<torch::nn::BatchNorm2d, float, 4>(torch::nn::BatchNorm2d(3), {4, 3, 9, 11}, ours2d);
  trains_and_evaluates<torch::nn::BatchNorm2d, double, 4>(torch::nn::BatchNorm2d(2), {1, 2, 1, 5}, ours2d);
}

TEST_F(BatchNorm, ModuleOfThreeAxes) {
  trains_and_evaluates<torch::nn::BatchNorm3d, float, 5>(torch::nn::BatchNorm3d(4), {2, 4, 3, 5, 4}, ours3d);
  trains_and_evaluates<torch::nn::BatchNorm3d, double, 5>(torch::nn::BatchNorm3d(3), {2, 3, 1, 2, 6}, ours3d);
}

TEST_F(BatchNorm, KeepsTheAverageOfAllBatchesWithoutMomentum) {
  torch::nn::BatchNorm2d layer(torch::nn::BatchNorm2dOptions(3).momentum(c10::nullopt).affine(false));
  RunningStatistics<float> running(3);
  for (Index batches = 0; batches < 5; ++batches) {
    const auto input = drawn<float, 4>({2, 3, 5, 4}, static_cast<std::uint64_t>(batches));
    EXPECT_TRUE(same_bits(batch_norm2d(input, {}, {}, &running, {.momentum = cumulative_momentum(batches)}),
                          layer->forward(as_torch(input))));
    EXPECT_TRUE(same_bits(running.mean, layer->running_mean)) << "after " << batches + 1 << " batches";
    EXPECT_TRUE(same_bits(running.variance, layer->running_var)) << "after " << batches + 1 << " batches";
  }
}

TEST_F(BatchNorm, StatisticsAreWhatLibTorchKeepsWithAMomentumOfOne) {
  const auto input = drawn<float, 4>({2, 3, 5, 4}, 6);
  const torch::Tensor running_mean = torch::zeros({3});
  const torch::Tensor running_var = torch::ones({3});
  F::batch_norm(as_torch(input), running_mean, running_var, F::BatchNormFuncOptions().momentum(1.0).training(true));

  const auto statistics = channel_statistics(input);
  EXPECT_TRUE(same_bits(statistics.mean, running_mean));
  EXPECT_TRUE(same_bits(statistics.kept_variance, running_var));

  // torch.var sums in another way, Welford's; so near is all there is.
  const torch::Tensor biased = as_torch(input).var({0, 2, 3}, /*unbiased=*/false);
  for (Index c = 0; c < 3; ++c) EXPECT_FLOAT_EQ(statistics.biased_variance(c), biased[c].item<float>());
}

// ---- the notebook, with the figures that it prints ----

TEST_F(BatchNorm, HasTheNotebooksFigures) {
  const Tensor<float, 4> input({2, 2, 2, 2}, {1, 0, 0, 0,  //
                                              0, 1, 0, 0,  //
                                              0, 1, 2, 3,  //
                                              4, 5, 6, 7});
  const char* const printed[] = {"0.1187",  "-0.8307", "-0.8307", "-0.8307", "-1.0422", "-0.6797", "-1.0422", "-1.0422",
                                 "-0.8307", "0.1187",  "1.0681",  "2.0175",  "0.4078",  "0.7703",  "1.1329",  "1.4954"};
  torch::nn::BatchNorm2d layer(torch::nn::BatchNorm2dOptions(2).affine(true));
  const Tensor output = batch_norm2d(input);
  EXPECT_TRUE(same_bits(output, layer->forward(as_torch(input))));
  for (std::size_t at = 0; at < output.elements().size(); ++at) {
    char text[16];
    std::snprintf(text, sizeof text, "%.4f", static_cast<double>(output.elements()[at]));
    EXPECT_STREQ(text, printed[at]);
  }

  const auto statistics = channel_statistics(input);
  EXPECT_TRUE(same_bits(statistics.mean, torch::tensor({0.875F, 2.875F})));
  EXPECT_NEAR(statistics.kept_variance(0), 1.2679, 5e-5);
  EXPECT_NEAR(statistics.kept_variance(1), 8.6964, 5e-5);
}

}  // namespace
}  // namespace refloop::parity
