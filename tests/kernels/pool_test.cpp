#include "refloop/pool.h"

#include <gtest/gtest.h>

#include <bit>
#include <cmath>
#include <limits>

#include "kernels/notebook.h"
#include "kernels/pool_loops.h"
#include "kernels/same_bits.h"
#include "refloop/plane.h"

namespace refloop {
namespace {

using Ints = std::vector<std::int64_t>;
using Doubles = std::vector<double>;

constexpr double inf = std::numeric_limits<double>::infinity();

// Two output rows read input rows -1, 1, 3 and 1, 3, 5; three columns read 0 and 3, 1 and 4, 2 and 5. Row -1 and
// column 5 are padding.
const Ints grid{1, 2, 3, 4, 5,  //
                6, 7, 8, 9, 1,  //
                2, 3, 4, 5, 6,  //
                7, 8, 9, 1, 2,  //
                3, 4, 5, 6, 7,  //
                8, 9, 1, 2, 3};
const PoolSettings<2> grid_settings{.kernel = {3, 2},
                                    .stride = Extents<2>{2, 1},
                                    .padding = {1, 0},
                                    .padding_after = Extents<2>{0, 1},
                                    .dilation = {2, 3}};
const Tensor<Index, 4> grid_indices({1, 1, 2, 3}, Ints{18, 9, 7,  //
                                                       18, 9, 27});

Tensor<std::int64_t, 4> int_grid(Index sign = 1) {
  Tensor<std::int64_t, 4> input({1, 1, 6, 5}, grid);
  for (auto& element : input.elements()) element *= sign;
  return input;
}

Tensor<double, 4> double_grid() {
  return {{1, 1, 6, 5}, Doubles(grid.begin(), grid.end())};
}

template <class T>
Tensor<T, 3> line(std::initializer_list<T> values) {
  return {{1, 1, static_cast<Index>(values.size())}, std::vector<T>(values)};
}

/// A plane as a batch of one image with one channel.
template <class T>
Tensor<T, 4> batch(const Tensor<T, 2>& plane) {
  return {{1, 1, plane.extents()[0], plane.extents()[1]}, plane.elements()};
}

TEST(MaxPool, GivesTheGridWorkedOutByHand) {
  const auto [values, indices] = max_pool2d_with_indices(int_grid(-1), grid_settings);
  EXPECT_TRUE(same_bits(values, Tensor<std::int64_t, 4>({1, 1, 2, 3}, Ints{-1, -1, -8,  //
                                                                           -1, -1, -1})));
  EXPECT_TRUE(same_bits(indices, grid_indices));
  EXPECT_EQ(max_pool2d(int_grid(-1), grid_settings), values);
}

TEST(MinPool, GivesTheGridWorkedOutByHand) {
  const auto [values, indices] = min_pool2d_with_indices(int_grid(), grid_settings);
  EXPECT_TRUE(same_bits(values, Tensor<std::int64_t, 4>({1, 1, 2, 3}, Ints{1, 1, 8,  //
                                                                           1, 1, 1})));
  EXPECT_TRUE(same_bits(indices, grid_indices));
  EXPECT_EQ(min_pool2d(int_grid(), grid_settings), values);
}

TEST(AvgPool, GivesTheGridWorkedOutByHand) {
  auto settings = grid_settings;
  EXPECT_TRUE(same_bits(avg_pool2d(int_grid(), settings),                    // 23, 18, 17, 33, 30, 18 over 6 taps
                        Tensor<std::int64_t, 4>({1, 1, 2, 3}, Ints{3, 3, 2,  //
                                                                   5, 5, 3})));
  settings.count_include_pad = false;
  EXPECT_TRUE(same_bits(avg_pool2d(double_grid(), settings),                     // over 4, 4, 2, 6, 6, 3 taps
                        Tensor<double, 4>({1, 1, 2, 3}, Doubles{5.75, 4.5, 8.5,  //
                                                                5.5, 5, 6})));
  settings.divisor_override = 4;
  EXPECT_TRUE(
      same_bits(avg_pool2d(double_grid(), settings), Tensor<double, 4>({1, 1, 2, 3}, Doubles{5.75, 4.5, 4.25,  //
                                                                                             8.25, 7.5, 4.5})));
}

TEST(Pool, TreatsEveryImageAndChannelAlone) {
  const Tensor<std::int64_t, 3> input({2, 2, 3}, Ints{1, 2, 3, 6, 5, 4,  //
                                                      7, 9, 8, 0, -1, -2});
  const auto [values, indices] = max_pool1d_with_indices(input, {.kernel = {2}, .stride = Extents<1>{1}});
  EXPECT_EQ(values.elements(), (Ints{2, 3, 6, 5, 9, 9, 0, -1}));
  EXPECT_EQ(indices.elements(), (Ints{1, 2, 0, 1, 1, 1, 0, 1}));
}

TEST(Pool, NumbersAVolumeRowMajor) {
  Tensor<float, 5> input({1, 1, 3, 2, 4}, -1.0f);
  input(0, 0, 2, 1, 3) = 5;
  const auto [values, indices] = max_pool3d_with_indices(input, {.kernel = {3, 2, 4}});
  EXPECT_EQ(values.elements(), std::vector<float>{5});
  EXPECT_EQ(indices.elements(), Ints{2 * 8 + 1 * 4 + 3});
  EXPECT_EQ(min_pool3d_with_indices(input, {.kernel = {3, 2, 4}}).indices.elements(), Ints{0});
  EXPECT_EQ(avg_pool3d(input, {.kernel = {3, 2, 4}}).elements(), std::vector<float>{-18.0f / 24});
}

TEST(Pool, StepsByTheKernelUnlessToldOtherwise) {
  EXPECT_EQ(max_pool1d(line({1, 2, 3, 4}), {.kernel = {2}}), line({2, 4}));
  EXPECT_EQ(max_pool1d(line({1, 2, 3, 4}), {.kernel = {2}, .stride = Extents<1>{1}}), line({2, 3, 4}));
}

TEST(Pool, ReadsAndWritesAnyStrides) {
  const Ints memory{1, -9, 2, -9, 4, -9, 3};
  Ints output{0, 0, 0, 0};
  const TensorView<const std::int64_t, 3> input(memory.data() + 6, {1, 1, 4}, {0, 0, -2});
  max_pool(input, {.kernel = {2}}, TensorView(output.data(), Extents<3>{1, 1, 2}, {0, 0, 3}));
  EXPECT_EQ(output, (Ints{4, 0, 0, 2}));
}

TEST(MaxPool, LetsTheLastNanWin) {
  const double first = std::bit_cast<double>(0x7ff8000000000001), last = std::bit_cast<double>(0xfff8000000000002);
  const auto [values, indices] = max_pool1d_with_indices(line({first, inf, last, inf}), {.kernel = {4}});
  EXPECT_TRUE(same_bits(values, line({last})));
  EXPECT_EQ(indices.elements(), Ints{2});
  EXPECT_TRUE(same_bits(min_pool1d(line({first, -inf, last, -inf}), {.kernel = {4}}), line({last})));
}

TEST(MaxPool, LetsTheFirstOfEqualValuesWin) {
  const auto [values, indices] = max_pool1d_with_indices(line({-0.0, 0.0, -0.0}), {.kernel = {3}});
  EXPECT_TRUE(same_bits(values, line({-0.0})));
  EXPECT_EQ(indices.elements(), Ints{0});
  EXPECT_TRUE(same_bits(min_pool1d(line({0.0, -0.0}), {.kernel = {2}}), line({0.0})));
}

TEST(MaxPool, NeverTakesPadding) {
  EXPECT_EQ(max_pool1d(line({-5, -3}), {.kernel = {2}, .padding = {1}}), line({-5, -3}));
  EXPECT_EQ(min_pool1d(line({5, 3}), {.kernel = {2}, .padding = {1}}), line({5, 3}));
}

TEST(MaxPool, GivesItsStartForAWindowWhollyInPadding) {
  const PoolSettings<1> around{.kernel = {2}, .padding = {1}, .dilation = {2}};  // taps at -1 and 1 of one cell
  const auto [values, indices] = max_pool1d_with_indices(line({7.0}), around);
  EXPECT_EQ(values.elements(), Doubles{-inf});
  EXPECT_EQ(indices.elements(), Ints{1}) << "the first tap that is not before the input";
  EXPECT_EQ(min_pool1d(line({7.0}), around).elements(), Doubles{inf});
  EXPECT_EQ(avg_pool1d(line({7.0}), around).elements(), Doubles{0});

  using Byte = std::uint8_t;
  EXPECT_EQ(max_pool1d(line<std::int8_t>({7}), around), line<std::int8_t>({-128}));
  EXPECT_EQ(min_pool1d(line<std::int8_t>({7}), around), line<std::int8_t>({127}));
  EXPECT_EQ(max_pool1d(line<Byte>({7}), around), line<Byte>({0}));
  EXPECT_EQ(min_pool1d(line<Byte>({7}), around), line<Byte>({255}));
}

TEST(MaxPool, PointsAtTheWindowsFirstCellWhereAllIsMinusInfinity) {
  const auto indices = max_pool1d_with_indices(line({-inf, -inf, -inf}), {.kernel = {2}, .padding = {1}}).indices;
  EXPECT_EQ(indices.elements(), (Ints{0, 1}));
}

TEST(MinPool, IsRightForTheLowestIntegerAndForUnsigned) {
  using Byte = std::uint8_t;
  EXPECT_EQ(min_pool1d(line<std::int8_t>({5, -128}), {.kernel = {2}}), line<std::int8_t>({-128}));
  EXPECT_EQ(min_pool1d(line<Byte>({200, 0}), {.kernel = {2}}), line<Byte>({0}));
}

/// Dilated taps may all lie outside: with nothing to count the average is 0, and no division by 0.
TEST(AvgPool, IsZeroWhereNothingCounts) {
  const Tensor<float, 3> input({1, 1, 1}, 7.0f);
  const auto output = avg_pool1d(
      input, {.kernel = {2}, .stride = Extents<1>{1}, .padding = {1}, .dilation = {2}, .count_include_pad = false});
  EXPECT_TRUE(same_bits(output, Tensor<float, 3>({1, 1, 1}, 0.0f)));
  EXPECT_EQ(
      avg_pool1d(Tensor<int, 3>({1, 1, 1}, 7),
                 {.kernel = {2}, .stride = Extents<1>{1}, .padding = {1}, .dilation = {2}, .count_include_pad = false}),
      (Tensor<int, 3>({1, 1, 1}, 0)));
}

TEST(AvgPool, DoesNotCountWhatCeilModeLetsHangOver) {
  const auto input = line({1.0, 2.0, 3.0, 4.0, 5.0});
  EXPECT_EQ(avg_pool1d(input, {.kernel = {2}}), line({1.5, 3.5}));
  EXPECT_EQ(avg_pool1d(input, {.kernel = {2}, .ceil_mode = true}), line({1.5, 3.5, 5.0}));
  EXPECT_EQ(avg_pool1d(input, {.kernel = {4}, .stride = Extents<1>{3}, .padding = {1}, .ceil_mode = true}),
            line({6.0 / 4, 12.0 / 4}))
      << "the padding after the end counts";
}

TEST(AvgPool, TruncatesIntegersTowardZeroAndSumsThemIn64Bits) {
  EXPECT_EQ(avg_pool1d(line<std::int64_t>({-1, -2}), {.kernel = {2}}), line<std::int64_t>({-1}));
  EXPECT_EQ(avg_pool1d(line<std::int8_t>({100, 100, 101}), {.kernel = {3}}), line<std::int8_t>({100}));
  constexpr auto largest = std::numeric_limits<std::int64_t>::max();
  EXPECT_EQ(avg_pool1d(line<std::int64_t>({largest, 3}), {.kernel = {2}}), line<std::int64_t>({(1 - largest) / 2}));
}

TEST(AvgPool, RoundsEachSumAndGivesNoMinusZero) {
  EXPECT_EQ(avg_pool1d(line({16777216.0f, 1.0f, 1.0f, -16777216.0f}), {.kernel = {4}}), line({0.0f}));
  const auto vanished = avg_pool1d(line({-std::numeric_limits<float>::denorm_min(), 0.0f}), {.kernel = {2}});
  EXPECT_TRUE(same_bits(vanished, line({0.0f})));
}

TEST(AvgPool, QuotientsDifferWhereOneVanishesBelowZero) {
  constexpr float least = std::numeric_limits<float>::denorm_min();
  const auto input = line({-least, 0.0f, -6.0f, 3.0f, 0.0f, 0.0f});
  auto kept = line({-77.0f, -77.0f, -77.0f}), lost = kept;
  const Window<1> window{.kernel = {2}, .stride = {2}};
  avg_pool_loops<AverageSum<float>, Quotient>(input.view(), window, {}, kept.view());
  avg_pool_loops<AverageSum<float>, WithoutMinusZero<Quotient>>(input.view(), window, {}, lost.view());
  EXPECT_TRUE(same_bits(kept, line({-0.0f, -1.5f, 0.0f})));
  EXPECT_TRUE(same_bits(lost, line({0.0f, -1.5f, 0.0f})));
}

TEST(Quotient, KeepsMinusZeroUnlessItIsWithoutIt) {
  EXPECT_TRUE(same_bits(Quotient::of(-0.0, 3), -0.0));
  EXPECT_TRUE(same_bits(WithoutMinusZero<Quotient>::of(-0.0, 3), 0.0));
  EXPECT_TRUE(same_bits(Quotient::of(-std::numeric_limits<double>::denorm_min(), 2), -0.0));
  EXPECT_TRUE(same_bits(WithoutMinusZero<Quotient>::of(-std::numeric_limits<double>::denorm_min(), 2), 0.0));
  EXPECT_TRUE(same_bits(Quotient::of(-1.0f, 3), -1.0f / 3));
  EXPECT_TRUE(same_bits(WithoutMinusZero<Quotient>::of(-1.0f, 3), -1.0f / 3));
}

TEST(Quotient, OfIntegersGoesTowardZero) {
  EXPECT_EQ(Quotient::of(Index{-5}, 3), -1);
  EXPECT_EQ(WithoutMinusZero<Quotient>::of(Index{-5}, 3), -1);
  EXPECT_EQ(Quotient::of(Index{5}, 3), 1);
}

TEST(AvgPool, LoopsDivideByWhatTheDivisorSays) {
  const auto input = line({1.0, 2.0, 3.0});
  const Window<1> window{.kernel = {2}, .stride = {2}, .padding_before = {1}};
  const auto divided = [&](const Divisor& divides) {
    auto output = line({-77.0, -77.0});
    avg_pool_loops<AverageSum<double>, Quotient>(input.view(), window, divides, output.view());
    return output;
  };
  EXPECT_TRUE(same_bits(divided({}), line({0.5, 2.5})));
  EXPECT_TRUE(same_bits(divided({.count_include_pad = false}), line({1.0, 2.5})));
  EXPECT_TRUE(same_bits(divided({.override = 4}), line({0.25, 1.25})));
  EXPECT_TRUE(same_bits(divided({.count_include_pad = false, .override = 4}), line({0.25, 1.25})));
}

TEST(PoolOutputExtents, DropsAWindowThatWouldStartBeyondTheInput) {
  const PoolSettings<1> rounded_up{.kernel = {2}, .padding = {1}, .ceil_mode = true};
  EXPECT_EQ(pool_output_extents<1>({4}, rounded_up), Extents<1>{3});
  EXPECT_EQ(pool_output_extents<1>({5}, rounded_up), Extents<1>{3});  // a fourth would start at 5
  EXPECT_EQ(pool_output_extents<1>({2}, {.kernel = {3}, .stride = Extents<1>{2}, .ceil_mode = true}), Extents<1>{1});
}

TEST(PoolOutputExtents, RoundsEveryAxisByItself) {
  PoolSettings<3> settings{.kernel = {2, 3, 4}, .stride = Extents<3>{2, 2, 3}, .padding = {1, 0, 2}};
  EXPECT_EQ(pool_output_extents<3>({5, 6, 7}, settings), (Extents<3>{3, 2, 3}));
  settings.ceil_mode = true;
  EXPECT_EQ(pool_output_extents<3>({5, 6, 7}, settings), (Extents<3>{3, 3, 3}));
}

TEST(Pool2d, AveragesTheNotebooksPlane) {
  const auto expected = tensor<float>({{3.25f, 3.25f, 5.75f},  //
                                       {4.25f, 4.50f, 3.50f},
                                       {3.50f, 6.00f, 5.75f}});
  EXPECT_EQ(pool2d(notebook_plane(), 2, {.mode = "avg"}), expected);
  EXPECT_EQ(pool2d(notebook_plane(), 2, {.mode = "mean"}), expected);
}

TEST(Pool2d, TakesTheNotebooksMaxima) {
  EXPECT_EQ(pool2d<std::int64_t>(notebook_plane(), 2, {.stride = 2}), tensor<std::int64_t>({{7, 6, 8},  //
                                                                                            {7, 9, 5},
                                                                                            {9, 9, 9}}));
  EXPECT_EQ(pool2d<std::int64_t>(notebook_plane(), 2, {.stride = 2, .padding = 1}),
            tensor<std::int64_t>({{2, 7, 6, 5},  //
                                  {0, 4, 8, 5},
                                  {9, 9, 9, 9},
                                  {2, 5, 9, 4}}));
  EXPECT_EQ(pool2d<std::int64_t>(notebook_plane(), 2, {.stride = 2, .padding = 1, .dilation = 2}),
            tensor<std::int64_t>({{4, 4, 4},  //
                                  {6, 6, 6},
                                  {6, 9, 9}}));
}

TEST(Pool2d, IsTheChannelPoolOnOnePlane) {
  Tensor<double, 2> plane({6, 6});
  for (Index at = 0; at < 36; ++at) plane(at / 6, at % 6) = static_cast<double>(notebook_plane()(at / 6, at % 6)) - 9.5;
  const PlanePoolSettings settings{.stride = 2, .padding = 1, .dilation = 2};
  auto with = [&](std::string_view mode) {
    auto changed = settings;
    changed.mode = mode;
    return batch(pool2d(plane, 3, changed));
  };
  const PoolSettings<2> same{.kernel = {3, 3}, .stride = Extents<2>{2, 2}, .padding = {1, 1}, .dilation = {2, 2}};
  EXPECT_TRUE(same_bits(with("max"), max_pool2d(batch(plane), same)));
  EXPECT_TRUE(same_bits(with("min"), min_pool2d(batch(plane), same)));
  EXPECT_TRUE(same_bits(with("avg"), avg_pool2d(batch(plane), same)));
}

TEST(Pool2d, LetsTheFirstOfEqualValuesWin) {
  const auto plane = tensor({{-0.0, 0.0}, {0.0, -0.0}});
  EXPECT_TRUE(same_bits(pool2d(plane, 2), tensor({{-0.0}})));
  EXPECT_TRUE(same_bits(pool2d(plane, 2, {.mode = "min"}), tensor({{-0.0}})));
}

TEST(Pool2d, LetsTheLastNanWin) {
  const double nan = std::nan("");
  EXPECT_TRUE(std::isnan(pool2d(tensor({{1.0, nan}, {2.0, 3.0}}), 2)(0, 0)));
  EXPECT_TRUE(std::isnan(pool2d(tensor({{1.0, nan}, {2.0, 3.0}}), 2, {.mode = "min"})(0, 0)));
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

TEST(Pool2d, SaysWhatItTakes) {
  const auto plane = notebook_plane();
  EXPECT_EQ(refusal([&] { pool2d(plane, 2, {.mode = "median"}); }),
            "pool2d: mode takes max, min, avg or mean, not \"median\"");
  EXPECT_EQ(refusal([&] { pool2d<std::int64_t>(plane, 2, {.mode = "avg"}); }),
            "pool2d: a mean is no integer; ask for pool2d<float>");
  EXPECT_EQ(refusal([&] { pool2d(plane, 0); }), "pool2d: kernel takes 1 to 2147483647 on every axis, not 0x0");
  EXPECT_EQ(refusal([&] { pool2d(plane, 2, {.stride = -1}); }),
            "pool2d: stride takes 1 to 2147483647 on every axis, not -1x-1");
  EXPECT_EQ(
      refusal([&] { pool2d(plane, 7); }),
      "pool2d: kernel 7x7 with dilation 1x1 reaches over 7 cells of spatial axis 0, which has no more than 6 with "
      "its padding");
}

struct BadPool {
  const char* sentence;
  PoolSettings<2> settings;
  Extents<4> input{1, 2, 5, 6};
};

const BadPool bad_pools[] = {
    {"max_pool2d: kernel takes 1 to 2147483647 on every axis, not 0x0", {}},
    {"max_pool2d: kernel takes 1 to 2147483647 on every axis, not 2x-3", {.kernel = {2, -3}}},
    {"max_pool2d: stride takes 1 to 2147483647 on every axis, not 0x1", {.kernel = {2, 3}, .stride = Extents<2>{0, 1}}},
    {"max_pool2d: dilation takes 1 to 2147483647 on every axis, not 1x4611686018427387904",
     {.kernel = {2, 3}, .dilation = {1, Index{1} << 62}}},
    {"max_pool2d: padding takes 0 to 2147483647 on every axis, not -1x0", {.kernel = {2, 3}, .padding = {-1, 0}}},
    {"max_pool2d: padding is at most half the kernel on every axis; 1x2 is more than half of 2x3",
     {.kernel = {2, 3}, .padding = {1, 2}}},
    {"max_pool2d: padding after is at most half the kernel on every axis; 2x0 is more than half of 2x3",
     {.kernel = {2, 3}, .padding_after = Extents<2>{2, 0}}},
    {"max_pool2d: kernel takes at most 2147483647 taps in all, not 65536x65536", {.kernel = {65536, 65536}}},
    {"max_pool2d: divisor_override takes 1 to 2147483647, not 0", {.kernel = {2, 3}, .divisor_override = 0}},
    {"max_pool2d: divisor_override takes 1 to 2147483647, not -4", {.kernel = {2, 3}, .divisor_override = -4}},
    {"max_pool2d: divisor_override takes 1 to 2147483647, not 2147483648",
     {.kernel = {2, 3}, .divisor_override = 2147483648}},
    {"max_pool2d: kernel 2x4 with dilation 1x2 reaches over 7 cells of spatial axis 1, which has no more than 6 with "
     "its "
     "padding",
     {.kernel = {2, 4}, .dilation = {1, 2}}},
    {"max_pool2d: kernel 8x1 with dilation 1x1 reaches over 8 cells of spatial axis 0, which has no more than 5 with "
     "its "
     "padding and 2 that ceil_mode adds",
     {.kernel = {8, 1}, .stride = Extents<2>{3, 1}, .ceil_mode = true}},
    {"max_pool2d: input size takes 1 to 2147483647 on every axis, not 5x0", {.kernel = {2, 3}}, {1, 2, 5, 0}},
    {"max_pool2d: input channels take 1 or more, not 0", {.kernel = {2, 3}}, {1, 0, 5, 6}},
    {"max_pool2d: output is 1x1x1x1; these inputs and settings give 1x2x2x2", {.kernel = {2, 3}}},
    {"max_pool2d: output is 1x1x1x1; these inputs and settings give 0x2x2x2", {.kernel = {2, 3}}, {0, 2, 5, 6}},
};

TEST(Pool, SaysWhyItRefusesACallAndWritesNothing) {
  for (const auto& bad : bad_pools) {
    const Tensor<float, 4> input(bad.input);
    Tensor<float, 4> output({1, 1, 1, 1}, -77.0f);
    EXPECT_EQ(refusal([&] { max_pool(input.view(), bad.settings, output.view()); }), bad.sentence);
    EXPECT_EQ(output(0, 0, 0, 0), -77.0f) << bad.sentence;
  }
}

TEST(Pool, RefusesByTheNameThatWasCalled) {
  const Tensor<float, 3> input({1, 1, 4});
  const std::string rest = "kernel takes 1 to 2147483647 on every axis, not 0";
  EXPECT_EQ(refusal([&] { max_pool1d(input, {}); }), "max_pool1d: " + rest);
  EXPECT_EQ(refusal([&] { avg_pool1d(input, {}); }), "avg_pool1d: " + rest);
  Tensor<float, 3> output({1, 1, 4});
  EXPECT_EQ(refusal([&] { min_pool(input.view(), {}, output.view()); }), "min_pool1d: " + rest);
  EXPECT_EQ(refusal([&] { avg_pool(input.view(), {}, output.view()); }), "avg_pool1d: " + rest);
  EXPECT_EQ(refusal([&] { pool_output_extents<1>({4}, {}); }), "pool1d: " + rest);

  Tensor<Index, 3> indices({1, 1, 3});
  EXPECT_EQ(refusal([&] { max_pool(input.view(), {.kernel = {1}}, output.view(), indices.view()); }),
            "max_pool1d indices: output is 1x1x3; these inputs and settings give 1x1x4");
}

TEST(Pool, TakesAnEmptyBatch) {
  EXPECT_EQ(max_pool1d(Tensor<float, 3>({0, 2, 4}), {.kernel = {2}}).extents(), (Extents<3>{0, 2, 2}));
}

}  // namespace
}  // namespace refloop
