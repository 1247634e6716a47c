// Convolution: the loops of refloop/conv.h and LibTorch's own, on the same memory, equal in every bit.
#include "refloop/conv.h"

#include <torch/nn/functional/conv.h>
#include <torch/nn/modules/conv.h>

#include "parity/same_bits.h"
#include "parity/sweep_cases.h"

namespace refloop::parity {
namespace {

namespace F = torch::nn::functional;

class Conv2d : public OnNativeKernelsWithCase {};

TEST_P(Conv2d, EqualsLibTorchInEveryBit) {
  const Case& c = GetParam();
  if (const auto why = not_asserted(c); !why.empty()) GTEST_SKIP() << why;
  const auto inputs = family::conv.inputs(c);
  const auto input = as_tensor<float, 4>(inputs[0]);
  const auto weight = as_tensor<float, 4>(inputs[1]);
  const auto bias = as_optional<float>(inputs, "bias");

  auto options = F::Conv2dFuncOptions()
                     .stride({c.stride[0], c.stride[1]})
                     .padding({c.before[0], c.before[1]})
                     .dilation({c.dilation[0], c.dilation[1]})
                     .groups(c.groups);
  if (bias) options.bias(as_torch(*bias));
  const torch::Tensor expected = torch::nn::functional::conv2d(as_torch(input), as_torch(weight), options);

  const Tensor output = conv2d(input, weight, bias,
                               {.stride = {c.stride[0], c.stride[1]},
                                .padding = {c.before[0], c.before[1]},
                                .dilation = {c.dilation[0], c.dilation[1]},
                                .groups = c.groups});

  EXPECT_TRUE(same_bits(output, expected));
}

INSTANTIATE_TEST_SUITE_P(Sweeps, Conv2d,
                         testing::ValuesIn(sweep_cases(family::conv,
                                                       [](const Case& c) {
                                                         return c.dims == 2 && c.dtype == DType::f32 &&
                                                                c.before == c.after;
                                                       })),
                         case_name);

// ---- the same in one and three axes, in double and in int64 ----

template <std::size_t Dims>
ConvSettings<Dims> settings_of(const Case& c) {
  ConvSettings<Dims> settings{.groups = c.groups};
  for (std::size_t axis = 0; axis < Dims; ++axis) {
    settings.stride[axis] = c.stride[axis];
    settings.padding[axis] = c.before[axis];
    settings.dilation[axis] = c.dilation[axis];
  }
  return settings;
}

template <std::size_t Dims>
F::ConvFuncOptions<Dims> options_of(const ConvSettings<Dims>& settings) {
  return F::ConvFuncOptions<Dims>()
      .stride(torch::IntArrayRef(settings.stride))
      .padding(torch::ExpandingArray<Dims>(torch::IntArrayRef(settings.padding)))
      .dilation(torch::IntArrayRef(settings.dilation))
      .groups(settings.groups);
}

class Conv1d : public OnNativeKernelsWithCase {};

TEST_P(Conv1d, EqualsLibTorchInEveryBit) {
  const Case& c = GetParam();
  if (const auto why = not_asserted(c); !why.empty()) GTEST_SKIP() << why;
  const auto inputs = family::conv.inputs(c);
  const auto input = as_tensor<double, 3>(inputs[0]);
  const auto weight = as_tensor<double, 3>(inputs[1]);
  const auto bias = as_optional<double>(inputs, "bias");
  auto options = options_of(settings_of<1>(c));
  if (bias) options.bias(as_torch(*bias));

  EXPECT_TRUE(same_bits(conv1d(input, weight, bias, settings_of<1>(c)),
                        torch::nn::functional::conv1d(as_torch(input), as_torch(weight), options)));
}

INSTANTIATE_TEST_SUITE_P(Sweeps, Conv1d,
                         testing::ValuesIn(sweep_cases(family::conv,
                                                       [](const Case& c) {
                                                         return c.dims == 1 && c.dtype == DType::f64 &&
                                                                c.before == c.after;
                                                       })),
                         case_name);

class Conv3d : public OnNativeKernelsWithCase {};

TEST_P(Conv3d, EqualsLibTorchInEveryBit) {
  const Case& c = GetParam();
  const auto inputs = family::conv.inputs(c);
  const auto input = as_tensor<std::int64_t, 5>(inputs[0]);
  const auto weight = as_tensor<std::int64_t, 5>(inputs[1]);
  const auto bias = as_optional<std::int64_t>(inputs, "bias");
  auto options = options_of(settings_of<3>(c));
  if (bias) options.bias(as_torch(*bias));

  EXPECT_TRUE(same_bits(conv3d(input, weight, bias, settings_of<3>(c)),
                        torch::nn::functional::conv3d(as_torch(input), as_torch(weight), options)));
}

INSTANTIATE_TEST_SUITE_P(Sweeps, Conv3d,
                         testing::ValuesIn(sweep_cases(family::conv,
                                                       [](const Case& c) {
                                                         return c.dims == 3 && c.dtype == DType::int64 &&
                                                                c.before == c.after;
                                                       })),
                         case_name);

// ---- torch::nn's layers, with the weights that LibTorch gave them ----

class ConvModule : public OnNativeKernels {
 protected:
  void SetUp() override {
    if (!blas_keeps_order()) GTEST_SKIP() << no_order_sentence;
    torch::manual_seed(7);
  }
};

TEST_F(ConvModule, OfOneAxis) {
  torch::nn::Conv1d layer(torch::nn::Conv1dOptions(6, 4, 3).stride(2).padding(1).dilation(2).groups(2));
  const auto input = drawn<float, 3>({3, 6, 17}, 1);
  const auto weight = as_tensor<float, 3>(layer->weight);
  const auto bias = as_tensor<float, 1>(layer->bias);
  EXPECT_TRUE(same_bits(conv1d(input, weight, bias, {.stride = {2}, .padding = {1}, .dilation = {2}, .groups = 2}),
                        layer->forward(as_torch(input))));
}

TEST_F(ConvModule, OfTwoAxes) {
  torch::nn::Conv2d layer(torch::nn::Conv2dOptions(3, 5, {3, 2}).stride({2, 1}).padding({1, 0}).dilation({1, 3}));
  const auto input = drawn<float, 4>({2, 3, 10, 9}, 2);
  const auto weight = as_tensor<float, 4>(layer->weight);
  const auto bias = as_tensor<float, 1>(layer->bias);
  EXPECT_TRUE(same_bits(conv2d(input, weight, bias, {.stride = {2, 1}, .padding = {1, 0}, .dilation = {1, 3}}),
                        layer->forward(as_torch(input))));
}

TEST_F(ConvModule, OfThreeAxes) {
  torch::nn::Conv3d layer(torch::nn::Conv3dOptions(4, 4, {2, 3, 1}).padding({1, 0, 2}).groups(4).bias(false));
  const auto input = drawn<float, 5>({2, 4, 5, 6, 7}, 3);
  const auto weight = as_tensor<float, 5>(layer->weight);
  EXPECT_TRUE(
      same_bits(conv3d(input, weight, {}, {.padding = {1, 0, 2}, .groups = 4}), layer->forward(as_torch(input))));
}

}  // namespace
}  // namespace refloop::parity
