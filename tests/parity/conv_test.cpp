// Convolution: the loops of refloop/conv.h and LibTorch's own, on the same memory, equal in every bit.
#include "refloop/conv.h"

#include <torch/nn/functional/conv.h>
#include <torch/nn/modules/conv.h>

#include <cstdio>

#include "kernels/notebook.h"
#include "parity/same_bits.h"
#include "parity/sweep_cases.h"
#include "refloop/plane.h"

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

// ---- the notebook, with the figures that it prints ----

class NotebookConv : public OnNativeKernels {};

using Ints = std::vector<std::int64_t>;

Tensor<std::int64_t, 4> as_batch(const Tensor<std::int64_t, 2>& plane) {
  return {{1, 1, plane.extents()[0], plane.extents()[1]}, plane.elements()};
}

TEST_F(NotebookConv, DrawsItsPlanes) {
  torch::manual_seed(42);
  EXPECT_TRUE(same_bits(notebook_plane(), torch::randint(0, 10, {6, 6}, torch::kInt64)));
  torch::manual_seed(42);
  const torch::Tensor both = torch::randint(0, 10, {1, 2, 6, 6}, torch::kInt64);
  EXPECT_TRUE(same_bits(notebook_plane(), both[0][0]));
  EXPECT_TRUE(same_bits(notebook_second_plane(), both[0][1]));
}

TEST_F(NotebookConv, HasItsFourSettings) {
  struct Setting {
    Index stride, padding, dilation;
    Tensor<std::int64_t, 2> printed;
  };
  const Setting settings[] = {
      {1, 0, 1, tensor<std::int64_t>({{4, 0, 3, 8}, {4, 1, 2, 5}, {6, 9, 6, 3}, {3, 1, 9, 7}})},
      {2, 0, 1, tensor<std::int64_t>({{4, 3}, {6, 6}})},
      {1, 1, 1, notebook_plane()},
      {1, 1, 2, tensor<std::int64_t>({{4, 0, 3, 8}, {4, 1, 2, 5}, {6, 9, 6, 3}, {3, 1, 9, 7}})},
  };
  const auto kernel = tensor<std::int64_t>({{0, 0, 0}, {0, 1, 0}, {0, 0, 0}});
  const auto input = as_batch(notebook_plane());
  const auto weight = as_batch(kernel);
  for (const auto& [stride, padding, dilation, printed] : settings) {
    SCOPED_TRACE(testing::Message() << "stride: " << stride << "  padding: " << padding << "  dilation: " << dilation);
    const torch::Tensor theirs = F::conv2d(as_torch(input), as_torch(weight),
                                           F::Conv2dFuncOptions().stride(stride).padding(padding).dilation(dilation));
    EXPECT_TRUE(same_bits(printed, theirs.squeeze()));
    EXPECT_TRUE(
        same_bits(convolve2d(notebook_plane(), kernel, {.stride = stride, .padding = padding, .dilation = dilation}),
                  theirs.squeeze()));
    EXPECT_TRUE(
        same_bits(conv2d(input, weight, {},
                         {.stride = {stride, stride}, .padding = {padding, padding}, .dilation = {dilation, dilation}}),
                  theirs));
  }
}

TEST_F(NotebookConv, HasItsBatchesAndChannels) {
  Ints planes = notebook_plane().elements();
  const Ints second = notebook_second_plane().elements();
  planes.insert(planes.end(), second.begin(), second.end());
  const Tensor<std::int64_t, 4> input({1, 2, 6, 6}, planes);
  Tensor<std::int64_t, 4> filter({4, 2, 3, 3});
  for (Index k = 0; k < 8; ++k) filter(k / 2, k % 2, k / 3, k % 3) = 1;

  const Tensor output = conv2d(input, filter);
  EXPECT_TRUE(same_bits(output, F::conv2d(as_torch(input), as_torch(filter))));
  const Ints first_rows{8, 9, 6, 10, 9, 11, 3, 6};
  EXPECT_EQ(Ints(output.elements().begin(), output.elements().begin() + 8), first_rows);
}

TEST_F(NotebookConv, WalksThroughItsSizes) {
  torch::Tensor layer = torch::zeros({1, 77, 1, 17});
  const Index channels[] = {256, 256, 256, 1};
  const Index strides[] = {1, 2, 2, 1};
  const Index widths[] = {15, 7, 3, 1};
  for (std::size_t at = 0; at < 4; ++at) {
    const auto ours =
        conv_output_extents<2>({layer.size(2), layer.size(3)}, {1, 3}, {.stride = {strides[at], strides[at]}});
    layer =
        F::conv2d(layer, torch::zeros({channels[at], layer.size(1), 1, 3}), F::Conv2dFuncOptions().stride(strides[at]));
    EXPECT_EQ(ours, (Extents<2>{1, widths[at]}));
    EXPECT_EQ(layer.sizes(), (Ints{1, channels[at], 1, widths[at]}));
  }
}

constexpr const char* printed_conv1d[8][9] = {
    {"-1.4427", "2.1214", "1.0646", "-1.0073", "-2.6071", "-1.4694", "-2.3458", "-5.0284", "-3.9909"},
    {"1.0692", "0.2119", "0.6061", "1.5847", "-1.6509", "-2.1876", "0.4745", "-1.4009", "-1.3466"},
    {"-5.8700", "-7.9829", "-7.5512", "-10.8062", "-8.2657", "-5.8836", "-6.4643", "-6.1355", "-7.9130"},
    {"-7.3901", "-3.5969", "-5.3637", "-7.3507", "-4.4702", "-4.2736", "-8.0131", "-5.2857", "-7.0544"},
    {"-0.4411", "-1.2163", "-4.0269", "-6.1607", "-3.6083", "-2.5938", "-2.4093", "-1.5252", "-2.1961"},
    {"-0.5494", "0.7373", "0.2268", "2.6194", "0.5533", "1.7961", "1.7508", "0.7103", "-1.4017"},
    {"-0.3983", "0.8388", "0.6003", "0.9702", "2.1276", "4.2901", "0.8479", "3.4084", "-0.1641"},
    {"-4.2917", "1.3800", "-4.2675", "-4.0642", "-2.1963", "-0.2951", "-3.6937", "-2.2918", "-1.4031"}};

TEST_F(NotebookConv, HasItsSeededConv1d) {
  torch::manual_seed(42);
  const torch::Tensor x = torch::randint(0, 10, {7, 10}, torch::kInt64).to(torch::kFloat);
  torch::nn::Conv1d layer(7, 8, 2);

  const auto input = as_tensor<float, 3>(x.unsqueeze(0));
  const Tensor output = conv1d(input, as_tensor<float, 3>(layer->weight), as_tensor<float, 1>(layer->bias));
  for (Index oc = 0; oc < 8; ++oc) {
    for (Index at = 0; at < 9; ++at) {
      char text[16];
      std::snprintf(text, sizeof text, "%.4f", static_cast<double>(output(0, oc, at)));
      EXPECT_STREQ(text, printed_conv1d[oc][at]) << oc << ", " << at;
    }
  }
  if (!blas_keeps_order()) GTEST_SKIP() << no_order_sentence;
  EXPECT_TRUE(same_bits(output, layer->forward(x).unsqueeze(0)));
}

}  // namespace
}  // namespace refloop::parity
