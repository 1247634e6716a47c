// What a call gets that can't be carried out: one sentence, and an output that nobody touched.
#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>

#include "refloop/batch_norm.h"
#include "refloop/conv.h"
#include "refloop/plane.h"
#include "refloop/pool.h"

namespace refloop {
namespace {

constexpr float poison = -77;

/// A convolution that is right as it stands; each bad call changes one thing.
struct Call {
  Extents<4> input{1, 4, 6, 5};
  Extents<4> weight{6, 2, 3, 2};
  std::optional<Index> bias = 6;
  ConvSettings<2> settings{.groups = 2};
  Extents<4> output{1, 6, 4, 4};
};

struct BadCall {
  const char* sentence;
  void (*change)(Call&);
};

const BadCall bad_calls[] = {
    {"conv2d: stride takes 1 to 2147483647 on every axis, not 0x1",
     [](Call& call) {
       call.settings.stride = {0, 1};
     }},
    {"conv2d: stride takes 1 to 2147483647 on every axis, not 1x-2",
     [](Call& call) {
       call.settings.stride = {1, -2};
     }},
    {"conv2d: stride takes 1 to 2147483647 on every axis, not 2147483648x1",
     [](Call& call) {
       call.settings.stride = {2147483648, 1};
     }},
    {"conv2d: padding takes 0 to 2147483647 on every axis, not 0x-1",
     [](Call& call) {
       call.settings.padding = {0, -1};
     }},
    {"conv2d: padding after takes 0 to 2147483647 on every axis, not -3x0",
     [](Call& call) {
       call.settings.padding_after = Extents<2>{-3, 0};
     }},
    {"conv2d: dilation takes 1 to 2147483647 on every axis, not 0x0",
     [](Call& call) {
       call.settings.dilation = {0, 0};
     }},
    {"conv2d: kernel takes 1 to 2147483647 on every axis, not 3x0", [](Call& call) { call.weight[3] = 0; }},
    {"conv2d: input size takes 1 to 2147483647 on every axis, not 0x5", [](Call& call) { call.input[2] = 0; }},
    {"conv2d: groups takes 1 or more, not 0", [](Call& call) { call.settings.groups = 0; }},
    {"conv2d: groups takes a number that divides both input and output channels, 4 and 6, not 3",
     [](Call& call) { call.settings.groups = 3; }},
    {"conv2d: groups takes a number that divides both input and output channels, 4 and 6, not 4",
     [](Call& call) { call.settings.groups = 4; }},
    {"conv2d: input has 4 channels; weight wants 3 x 2 groups = 6", [](Call& call) { call.weight[1] = 3; }},
    {"conv2d: input has 4 channels; weight wants 2 x 1 groups = 2", [](Call& call) { call.settings.groups = 1; }},
    {"conv2d: input channels take 1 or more, not 0", [](Call& call) { call.input[1] = 0; }},
    {"conv2d: output channels take 1 or more, not 0", [](Call& call) { call.weight[0] = 0; }},
    {"conv2d: batch takes 0 or more, not -1", [](Call& call) { call.input[0] = -1; }},
    {"conv2d: bias has 3 values; weight has 6 output channels", [](Call& call) { call.bias = 3; }},
    {"conv2d: kernel 7x2 with dilation 1x1 reaches over 7 cells of spatial axis 0, "
     "which has no more than 6 with its padding",
     [](Call& call) { call.weight[2] = 7; }},
    {"conv2d: kernel 3x2 with dilation 1x8 reaches over 9 cells of spatial axis 1, "
     "which has no more than 8 with its padding",
     [](Call& call) {
       call.settings.dilation = {1, 8};
       call.settings.padding = {0, 1};
       call.settings.padding_after = Extents<2>{0, 2};
     }},
    {"conv2d: output is 1x6x4x4; these inputs and settings give 1x6x4x5",
     [](Call& call) {
       call.settings.padding_after = Extents<2>{0, 1};
     }},
    {"conv2d: output is 1x6x4x4; these inputs and settings give 2x6x4x4", [](Call& call) { call.input[0] = 2; }},
    {"conv2d: output is 1x5x4x4; these inputs and settings give 1x6x4x4", [](Call& call) { call.output[1] = 5; }},
    {"conv2d: output is 1x6x2x8; these inputs and settings give 1x6x4x4",
     [](Call& call) {
       call.output = {1, 6, 2, 8};
     }},
};

std::string sentence_of(const std::function<void()>& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "the call went through";
}

/// Runs the call on memory of its own and returns what is in the output's afterwards.
std::vector<float> output_after(const Call& call, std::string& sentence) {
  const std::vector<float> ones(1000, 1);
  std::vector<float> output(1000, poison);
  std::optional<TensorView<const float, 1>> bias;
  if (call.bias) bias = TensorView<const float, 1>(ones.data(), {*call.bias});
  sentence = sentence_of([&] {
    conv({ones.data(), call.input}, {ones.data(), call.weight}, bias, call.settings,
         TensorView(output.data(), call.output));
  });
  return output;
}

TEST(BadCall, IsTheOneThingWrongWithAGoodCall) {
  std::string sentence;
  const auto output = output_after(Call{}, sentence);
  EXPECT_EQ(sentence, "the call went through");
  EXPECT_EQ(std::count(output.begin(), output.end(), poison), 1000 - 1 * 6 * 4 * 4);
}

TEST(BadCall, GetsItsSentenceAndWritesNothing) {
  for (const auto& bad : bad_calls) {
    Call call;
    bad.change(call);
    std::string sentence;
    const auto output = output_after(call, sentence);
    EXPECT_EQ(sentence, bad.sentence);
    EXPECT_EQ(std::count(output.begin(), output.end(), poison), 1000) << bad.sentence;
  }
}

struct BadValue {
  const char* sentence;
  std::function<void()> call;
};

const auto row = [](Index size) { return Tensor<float, 3>({1, 1, size}, 1); };
const auto volume_of = [](Index size) { return Tensor<float, 5>({1, 1, size, size, size}, 1); };

const BadValue bad_values[] = {
    {"conv1d: kernel 4 with dilation 1 reaches over 4 cells of spatial axis 0, which has no more than 3 with its "
     "padding",
     [] { conv1d(row(3), row(4)); }},
    {"conv1d: stride takes 1 to 2147483647 on every axis, not 0", [] { conv1d(row(3), row(1), {}, {.stride = {0}}); }},
    {"conv3d: dilation takes 1 to 2147483647 on every axis, not 1x1x0",
     [] {
       conv3d(volume_of(2), volume_of(1), {}, {.dilation = {1, 1, 0}});
     }},
    {"conv3d: bias has 2 values; weight has 1 output channels",
     [] {
       conv3d(volume_of(2), volume_of(1), tensor({1.F, 2.F}));
     }},
    {"conv2d: padding takes 0 to 2147483647 on every axis, not -1x0",
     [] {
       conv_output_extents<2>({4, 4}, {3, 3}, {.padding = {-1, 0}});
     }},
    {"conv2d: kernel 3x5 with dilation 1x1 reaches over 5 cells of spatial axis 1, "
     "which has no more than 4 with its padding",
     [] {
       conv_output_extents<2>({4, 4}, {3, 5});
     }},
    {"convolve2d: stride takes 1 to 2147483647 on every axis, not 0x0",
     [] { convolve2d(tensor({{1}}), tensor({{1}}), {.stride = 0}); }},
    {"convolve2d: kernel 2x1 with dilation 3x3 reaches over 4 cells of spatial axis 0, "
     "which has no more than 3 with its padding",
     [] {
       convolve2d(tensor({{1}}), tensor({{1}, {1}}), {.padding = 1, .dilation = 3});
     }},
    {"convolve2d: input size takes 1 to 2147483647 on every axis, not 0x3",
     [] {
       convolve2d(Tensor<int, 2>({0, 3}), tensor({{1}}));
     }},
    {"convolve2d: kernel takes 1 to 2147483647 on every axis, not 0x0",
     [] {
       convolve2d(tensor({{1}}), Tensor<int, 2>({0, 0}));
     }},
    {"tensor: extents take 0 or more, not 3x-2",
     [] {
       Tensor<float, 2>({3, -2});
     }},
    {"tensor: 2x3 takes 6 elements, not 5",
     [] {
       Tensor<int, 2>({2, 3}, {1, 2, 3, 4, 5});
     }},
    {"tensor: every row has 2 elements, as the first one, not 1",
     [] {
       tensor({{1, 2}, {3}, {4, 5, 6}});
     }},
    {"tensor: 1099511627776x1099511627776x1 elements fit into no memory",
     [] {
       Tensor<float, 3>({Index{1} << 40, Index{1} << 40, 1});
     }},
    {"tensor: 1x1x4000000001x4000000001 elements fit into no memory",
     [] {
       conv2d(Tensor<float, 4>({1, 1, 1, 1}), Tensor<float, 4>({1, 1, 1, 1}), {},
              {.padding = {2000000000, 2000000000}});
     }},
};

TEST(BadCall, OfAFormThatReturnsAValueGetsItsSentence) {
  for (const auto& bad : bad_values) EXPECT_EQ(sentence_of(bad.call), bad.sentence);
}

template <class Call>
std::string sentence_of(Call&& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

/// Views of stride 0 take no memory, whatever sizes they claim.
TEST(GiganticViews, AreRefusedBeforeAProductWraps) {
  const float zero = 0;
  float out = poison;
  const auto claims = [&](const Extents<3>& extents) { return TensorView<const float, 3>(&zero, extents, {}); };
  const TensorView<float, 3> y(&out, {1, 1, 1});
  constexpr Index huge = Index{1} << 40;
  // 2^62 channels in 4 groups: the product of weight and groups would wrap to the right number.
  constexpr Index channels = Index{1} << 62;
  EXPECT_EQ(
      sentence_of([&] {
        conv(claims({1, 4, 1}), TensorView<const float, 3>(&zero, {4, channels + 1, 1}, {}), {}, {.groups = 4}, y);
      }),
      "conv1d: input has 4 channels; weight wants 4611686018427387905 x 4 groups");
  EXPECT_EQ(sentence_of([&] {
              conv(claims({huge, huge, 1}), claims({1, huge, 1}), {}, {}, y);
            }),
            "conv1d: input of 1099511627776x1099511627776x1 has more elements than 64 bits count");
  EXPECT_EQ(sentence_of([&] {
              max_pool(claims({huge, huge, 2}), {.kernel = {1}}, y);
            }),
            "max_pool1d: input of 1099511627776x1099511627776x2 has more elements than 64 bits count");
  EXPECT_EQ(sentence_of([&] {
              batch_norm(claims({huge, huge, 2}), {}, {}, y);
            }),
            "batch_norm1d: input of 1099511627776x1099511627776x2 has more elements than 64 bits count");
  EXPECT_EQ(sentence_of([&] {
              max_pool(claims({-1, 2, 5}), {.kernel = {2}}, y);
            }),
            "max_pool1d: batch takes 0 or more, not -1");
  EXPECT_EQ(out, poison);
}

TEST(PooledExtents, RaiseWhereThePoolsWould) {
  EXPECT_EQ(sentence_of([] {
              pooled_extents<3>({-1, 1, 5}, {.kernel = {2}});
            }),
            "pool1d: batch takes 0 or more, not -1");
  EXPECT_EQ(sentence_of([] {
              pooled_extents<3>({1, 0, 5}, {.kernel = {2}}, "max_pool");
            }),
            "max_pool1d: input channels take 1 or more, not 0");
  EXPECT_EQ(pooled_extents<3>({2, 3, 5}, {.kernel = {2}}), (Extents<3>{2, 3, 2}));
}

}  // namespace
}  // namespace refloop
