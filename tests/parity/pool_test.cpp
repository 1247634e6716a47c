// Pooling: the loops of refloop/pool.h and LibTorch's own, on the same memory, equal in every bit.
#include "refloop/pool.h"

#include <torch/nn/functional/conv.h>
#include <torch/nn/functional/pooling.h>
#include <torch/nn/modules/pooling.h>

#include <limits>

#include "kernels/notebook.h"
#include "parity/same_bits.h"
#include "refloop/plane.h"

namespace refloop::parity {
namespace {

namespace F = torch::nn::functional;

class MaxPool : public OnNativeKernels {};
class MinPool : public OnNativeKernels {};
class AvgPool : public OnNativeKernels {};

TEST_F(MaxPool, EqualsLibTorchInEveryBit) {
  const auto input = ties_and_specials<float, 4>({2, 3, 9, 11});
  for (const Index stride : {1, 2, 3}) {
    for (const Index padding : {0, 1}) {
      for (const Index dilation : {1, 2, 3}) {
        for (const bool ceil_mode : {false, true}) {
          const torch::Tensor expected = torch::nn::functional::max_pool2d(
              as_torch(input),
              F::MaxPool2dFuncOptions({3, 2}).stride(stride).padding(padding).dilation(dilation).ceil_mode(ceil_mode));

          const Tensor output = max_pool2d(input, {.kernel = {3, 2},
                                                   .stride = Extents<2>{stride, stride},
                                                   .padding = {padding, padding},
                                                   .dilation = {dilation, dilation},
                                                   .ceil_mode = ceil_mode});

          EXPECT_TRUE(same_bits(output, expected, Payloads::compared))
              << "stride " << stride << ", padding " << padding << ", dilation " << dilation << ", ceil " << ceil_mode;
        }
      }
    }
  }
}

TEST_F(AvgPool, EqualsLibTorchInEveryBit) {
  const auto input = drawn<float, 4>({2, 3, 9, 11}, 1);
  for (const Index stride : {1, 2, 3}) {
    for (const Index padding : {0, 1}) {
      for (const bool ceil_mode : {false, true}) {
        for (const bool count_include_pad : {false, true}) {
          const torch::Tensor expected = torch::nn::functional::avg_pool2d(
              as_torch(input),
              F::AvgPool2dFuncOptions({3, 2}).stride(stride).padding(padding).ceil_mode(ceil_mode).count_include_pad(
                  count_include_pad));

          const Tensor output = avg_pool2d(input, {.kernel = {3, 2},
                                                   .stride = Extents<2>{stride, stride},
                                                   .padding = {padding, padding},
                                                   .ceil_mode = ceil_mode,
                                                   .count_include_pad = count_include_pad});

          EXPECT_TRUE(same_bits(output, expected)) << "stride " << stride << ", padding " << padding << ", ceil "
                                                   << ceil_mode << ", count_include_pad " << count_include_pad;
        }
      }
    }
  }
}

// ---- with indices, and in one and three axes ----

TEST_F(MaxPool, OfOneAxisEqualsLibTorch) {
  const auto input = ties_and_specials<double, 3>({3, 4, 23});
  const PoolSettings<1> settings{.kernel = {4}, .stride = Extents<1>{3}, .padding = {2}, .dilation = {2}};
  const auto options = F::MaxPool1dFuncOptions(4).stride(3).padding(2).dilation(2);
  EXPECT_TRUE(same_bits(max_pool1d(input, settings), F::max_pool1d(as_torch(input), options), Payloads::compared));

  const auto [values, indices] = max_pool1d_with_indices(input, settings);
  const auto [their_values, their_indices] = F::max_pool1d_with_indices(as_torch(input), options);
  EXPECT_TRUE(same_bits(values, their_values, Payloads::compared));
  EXPECT_TRUE(same_bits(indices, their_indices));
}

TEST_F(MaxPool, OfTwoAxesGivesLibTorchsIndices) {
  const auto input = ties_and_specials<float, 4>({2, 2, 13, 8});
  const auto [values, indices] =
      max_pool2d_with_indices(input, {.kernel = {2, 4}, .padding = {1, 2}, .dilation = {3, 1}, .ceil_mode = true});
  const auto [their_values, their_indices] = F::max_pool2d_with_indices(
      as_torch(input), F::MaxPool2dFuncOptions({2, 4}).padding({1, 2}).dilation({3, 1}).ceil_mode(true));
  EXPECT_TRUE(same_bits(values, their_values, Payloads::compared));
  EXPECT_TRUE(same_bits(indices, their_indices));
}

TEST_F(MaxPool, OfThreeAxesEqualsLibTorch) {
  const auto input = ties_and_specials<float, 5>({2, 2, 6, 7, 9});
  const PoolSettings<3> settings{
      .kernel = {2, 3, 2}, .stride = Extents<3>{1, 2, 3}, .padding = {1, 0, 1}, .dilation = {2, 1, 3}};
  const auto options = F::MaxPool3dFuncOptions({2, 3, 2}).stride({1, 2, 3}).padding({1, 0, 1}).dilation({2, 1, 3});
  EXPECT_TRUE(same_bits(max_pool3d(input, settings), F::max_pool3d(as_torch(input), options), Payloads::compared));

  const auto [values, indices] = max_pool3d_with_indices(input, settings);
  const auto [their_values, their_indices] = F::max_pool3d_with_indices(as_torch(input), options);
  EXPECT_TRUE(same_bits(values, their_values, Payloads::compared));
  EXPECT_TRUE(same_bits(indices, their_indices));
}

TEST_F(MaxPool, ModulesEqualTheLoops) {
  const auto row = ties_and_specials<float, 3>({2, 3, 17});
  torch::nn::MaxPool1d layer1(torch::nn::MaxPool1dOptions(3).stride(2).padding(1));
  EXPECT_TRUE(same_bits(max_pool1d(row, {.kernel = {3}, .stride = Extents<1>{2}, .padding = {1}}),
                        layer1->forward(as_torch(row)), Payloads::compared));
  const auto plane = ties_and_specials<float, 4>({2, 3, 7, 10});
  torch::nn::MaxPool2d layer2(torch::nn::MaxPool2dOptions({3, 2}).ceil_mode(true));
  EXPECT_TRUE(same_bits(max_pool2d(plane, {.kernel = {3, 2}, .ceil_mode = true}), layer2->forward(as_torch(plane)),
                        Payloads::compared));
  const auto block = ties_and_specials<float, 5>({1, 2, 5, 4, 6});
  torch::nn::MaxPool3d layer3(torch::nn::MaxPool3dOptions({2, 1, 3}).dilation({3, 1, 2}));
  EXPECT_TRUE(same_bits(max_pool3d(block, {.kernel = {2, 1, 3}, .dilation = {3, 1, 2}}),
                        layer3->forward(as_torch(block)), Payloads::compared));
}

TEST_F(AvgPool, OfOneAxisEqualsLibTorch) {
  const auto input = drawn<double, 3>({3, 4, 23}, 2);
  EXPECT_TRUE(same_bits(
      avg_pool1d(input, {.kernel = {5}, .stride = Extents<1>{3}, .padding = {2}, .count_include_pad = false}),
      F::avg_pool1d(as_torch(input), F::AvgPool1dFuncOptions(5).stride(3).padding(2).count_include_pad(false))));
  torch::nn::AvgPool1d layer(torch::nn::AvgPool1dOptions(4).ceil_mode(true));
  EXPECT_TRUE(same_bits(avg_pool1d(input, {.kernel = {4}, .ceil_mode = true}), layer->forward(as_torch(input))));
}

TEST_F(AvgPool, OfThreeAxesEqualsLibTorch) {
  const auto input = drawn<float, 5>({2, 2, 6, 7, 9}, 3);
  EXPECT_TRUE(same_bits(
      avg_pool3d(input, {.kernel = {2, 3, 2}, .stride = Extents<3>{1, 2, 3}, .padding = {1, 0, 1}}),
      F::avg_pool3d(as_torch(input), F::AvgPool3dFuncOptions({2, 3, 2}).stride({1, 2, 3}).padding({1, 0, 1}))));
  torch::nn::AvgPool3d layer(torch::nn::AvgPool3dOptions({3, 2, 1}).ceil_mode(true).divisor_override(7));
  EXPECT_TRUE(same_bits(avg_pool3d(input, {.kernel = {3, 2, 1}, .ceil_mode = true, .divisor_override = 7}),
                        layer->forward(as_torch(input))));
}

TEST_F(AvgPool, DividesByTheOverride) {
  const auto input = drawn<float, 4>({2, 2, 6, 7}, 4);
  torch::nn::AvgPool2d layer(torch::nn::AvgPool2dOptions({3, 2}).padding({1, 1}).divisor_override(5));
  EXPECT_TRUE(same_bits(avg_pool2d(input, {.kernel = {3, 2}, .padding = {1, 1}, .divisor_override = 5}),
                        layer->forward(as_torch(input))));
}

TEST_F(AvgPool, OfIntegersTruncates) {
  const auto input = drawn<std::int64_t, 4>({2, 2, 6, 7}, 5);
  EXPECT_TRUE(same_bits(avg_pool2d(input, {.kernel = {3, 2}, .padding = {1, 0}}),
                        F::avg_pool2d(as_torch(input), F::AvgPool2dFuncOptions({3, 2}).padding({1, 0}))));
}

// ---- what LibTorch has not: dilated averages, min pooling, and padding that is not alike on both sides ----

TEST_F(AvgPool, DilatedIsADepthwiseConvolution) {
  // Whole numbers, a kernel of four cells and no padding: every order of summation, and a product with 1/4, agree.
  Tensor<float, 4> input({2, 3, 9, 11});
  for (std::size_t at = 0; at < input.elements().size(); ++at) {
    input.elements()[at] = static_cast<float>(at * 7919 % 1000);
  }
  EXPECT_TRUE(same_bits(avg_pool2d(input, {.kernel = {2, 2}, .stride = Extents<2>{1, 2}, .dilation = {3, 2}}),
                        F::conv2d(as_torch(input), torch::full({3, 1, 2, 2}, 0.25),
                                  F::Conv2dFuncOptions().stride({1, 2}).dilation({3, 2}).groups(3))));
}

TEST_F(MinPool, OfFloatsIsMaxPoolingOfTheNegative) {
  const auto input = ties_and_specials<float, 4>({2, 3, 9, 11});
  const auto [values, indices] = min_pool2d_with_indices(input, {.kernel = {3, 2}, .padding = {1, 1}});
  const auto [their_values, their_indices] =
      F::max_pool2d_with_indices(-as_torch(input), F::MaxPool2dFuncOptions({3, 2}).padding(1));
  EXPECT_TRUE(same_bits(values, -their_values));
  EXPECT_TRUE(same_bits(indices, their_indices));
}

/// ~x turns the order of integers round, and unlike -x it has an answer for the lowest one and for unsigned types.
template <class T>
void min_pool_is_max_pool_of_the_complement() {
  auto input = drawn<T, 4>({2, 3, 9, 11}, 6);
  input(0, 0, 1, 1) = std::numeric_limits<T>::lowest();
  input(1, 2, 3, 4) = std::numeric_limits<T>::max();
  const auto [values, indices] = min_pool2d_with_indices(input, {.kernel = {3, 2}, .padding = {1, 1}});
  const auto [their_values, their_indices] =
      F::max_pool2d_with_indices(as_torch(input).bitwise_not(), F::MaxPool2dFuncOptions({3, 2}).padding(1));
  EXPECT_TRUE(same_bits(values, their_values.bitwise_not()));
  EXPECT_TRUE(same_bits(indices, their_indices));

  const auto [maxima, max_indices] = max_pool2d_with_indices(input, {.kernel = {3, 2}, .padding = {1, 1}});
  const auto [their_maxima, their_max_indices] =
      F::max_pool2d_with_indices(as_torch(input), F::MaxPool2dFuncOptions({3, 2}).padding(1));
  EXPECT_TRUE(same_bits(maxima, their_maxima));
  EXPECT_TRUE(same_bits(max_indices, their_max_indices));
}

TEST_F(MinPool, OfIntegersIsMaxPoolingOfTheComplement) {
#if TORCH_VERSION_MAJOR < 2
  const Tensor<std::int64_t, 4> input({1, 1, 2, 2});
  EXPECT_THROW(F::max_pool2d(as_torch(input), F::MaxPool2dFuncOptions(2)), std::exception);
  GTEST_SKIP() << "max_pool2d of integers came with LibTorch 2";
#else
  min_pool_is_max_pool_of_the_complement<std::int64_t>();
  min_pool_is_max_pool_of_the_complement<std::int32_t>();
  min_pool_is_max_pool_of_the_complement<std::int16_t>();
  min_pool_is_max_pool_of_the_complement<std::int8_t>();
  min_pool_is_max_pool_of_the_complement<std::uint8_t>();
#endif
}

/// With one more row above and one more column to the right, of that value.
torch::Tensor with_row_and_column(const torch::Tensor& input, double value) {
  return torch::constant_pad_nd(input, {0, 1, 1, 0}, value);
}
constexpr PoolSettings<2> uneven{
    .kernel = {3, 2}, .stride = Extents<2>{2, 1}, .padding = {1, 0}, .padding_after = Extents<2>{0, 1}};

TEST_F(MaxPool, PaddedUnevenlyIsMaxPoolingOfThePaddedInput) {
  const auto input = ties_and_specials<float, 4>({2, 3, 9, 11});
  const auto options = F::MaxPool2dFuncOptions({3, 2}).stride({2, 1});
  constexpr double infinity = std::numeric_limits<double>::infinity();
  EXPECT_TRUE(same_bits(max_pool2d(input, uneven),
                        F::max_pool2d(with_row_and_column(as_torch(input), -infinity), options), Payloads::compared));
  EXPECT_TRUE(
      same_bits(min_pool2d(input, uneven), -F::max_pool2d(with_row_and_column(-as_torch(input), -infinity), options)));
}

TEST_F(AvgPool, PaddedUnevenlyIsAveragePoolingOfThePaddedInput) {
  const auto input = drawn<float, 4>({2, 3, 9, 11}, 7);
  EXPECT_TRUE(same_bits(avg_pool2d(input, uneven), F::avg_pool2d(with_row_and_column(as_torch(input), 0),
                                                                 F::AvgPool2dFuncOptions({3, 2}).stride({2, 1}))));
}

// ---- the notebook, with the figures that it prints ----

class NotebookPool : public OnNativeKernels {
 protected:
  const Tensor<std::int64_t, 2> plane = notebook_plane();
  const torch::Tensor input = as_torch(plane).to(torch::kFloat).view({1, 1, 6, 6});
};

TEST_F(NotebookPool, HasItsAverage) {
  const auto printed = tensor({{3.25F, 3.25F, 5.75F}, {4.25F, 4.5F, 3.5F}, {3.5F, 6.F, 5.75F}});
  const torch::Tensor theirs = F::avg_pool2d(input, F::AvgPool2dFuncOptions(2)).squeeze();
  EXPECT_TRUE(same_bits(printed, theirs));
  EXPECT_TRUE(same_bits(pool2d(plane, 2, {.mode = "avg"}), theirs));
}

TEST_F(NotebookPool, HasItsMaxima) {
  struct Setting {
    Index padding, dilation;
    Tensor<float, 2> printed;
  };
  const Setting settings[] = {
      {0, 1, tensor({{7.F, 6.F, 8.F}, {7.F, 9.F, 5.F}, {9.F, 9.F, 9.F}})},
      {1, 1, tensor({{2.F, 7.F, 6.F, 5.F}, {0.F, 4.F, 8.F, 5.F}, {9.F, 9.F, 9.F, 9.F}, {2.F, 5.F, 9.F, 4.F}})},
      {1, 2, tensor({{4.F, 4.F, 4.F}, {6.F, 6.F, 6.F}, {6.F, 9.F, 9.F}})},
  };
  for (const auto& [padding, dilation, printed] : settings) {
    SCOPED_TRACE(testing::Message() << "padding: " << padding << "  dilation: " << dilation);
    const torch::Tensor theirs =
        F::max_pool2d(input, F::MaxPool2dFuncOptions(2).stride(2).padding(padding).dilation(dilation));
    EXPECT_TRUE(same_bits(printed, theirs.squeeze()));
    EXPECT_TRUE(same_bits(pool2d(plane, 2, {.stride = 2, .padding = padding, .dilation = dilation}), theirs.squeeze()));
    EXPECT_TRUE(
        same_bits(max_pool2d(as_tensor<float, 4>(input),
                             {.kernel = {2, 2}, .padding = {padding, padding}, .dilation = {dilation, dilation}}),
                  theirs));
  }
}

}  // namespace
}  // namespace refloop::parity
