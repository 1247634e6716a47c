#include "refloop/plane.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "kernels/notebook.h"
#include "kernels/same_bits.h"
#include "refloop/pool.h"

namespace refloop {
namespace {

// The kernel's weights are powers of ten, so the digits of an output, from right to left, are the cells it read.
TEST(Plane, ReadsTheCellsUnderTheKernel) {
  const auto plane = tensor({{1, 2, 3, 4},  //
                             {5, 6, 7, 8},
                             {9, 1, 2, 3}});
  const auto kernel = tensor({{1, 10, 100},  //
                              {1000, 10000, 100000}});
  EXPECT_TRUE(same_bits(convolve2d(plane, kernel), tensor({{765321, 876432},  //
                                                           {219765, 321876}})));
}

TEST(Plane, StrideSkipsPaddingIsZeroAndDilationLeavesGaps) {
  const auto plane = tensor({{1, 2, 3, 4, 5}, {6, 7, 8, 9, 1}, {2, 3, 4, 5, 6}, {7, 8, 9, 1, 2}});
  const auto kernel = tensor({{1, 10}, {100, 1000}, {10000, 100000}});
  const auto output = convolve2d(plane, kernel, {.stride = 2, .padding = 1, .dilation = 2});
  EXPECT_TRUE(same_bits(output, tensor({{807000, 189700, 10900}})));
}

TEST(Plane, DoesNotFlipTheKernel) {
  EXPECT_TRUE(same_bits(convolve2d(tensor({{1, 2}}), tensor({{1, 0}})), tensor({{1}})));
  EXPECT_TRUE(same_bits(convolve2d(tensor({{1}, {2}}), tensor({{0}, {1}})), tensor({{2}})));
}

TEST(Plane, StepThatOvershootsStaysInside) {
  EXPECT_TRUE(same_bits(convolve2d(tensor({{1, 2, 3, 4, 5}}), tensor({{1}}), {.stride = 3}), tensor({{1, 4}})));
}

TEST(Plane, IntegersWrap) {
  const auto product = [](auto weight, auto value) { return convolve2d(tensor({{value}}), tensor({{weight}}))(0, 0); };
  EXPECT_EQ(product(std::int8_t{2}, std::int8_t{100}), -56);
  EXPECT_EQ(product(std::uint8_t{2}, std::uint8_t{200}), 144);
  EXPECT_EQ(product(std::int64_t{2}, std::numeric_limits<std::int64_t>::max()), -2);
}

TEST(Plane, SumsRowByRow) {
  const float big = 33554432;  // a one added to it is lost
  const auto ones = tensor({{1.F, 1.F}, {1.F, 1.F}});
  const auto kernel = tensor({{big, 1.F}, {-big, 1.F}});
  EXPECT_TRUE(same_bits(convolve2d(ones, kernel), tensor({{1.F}})));
}

TEST(Plane, InfiniteWeightOverPaddingGivesNan) {
  const auto output = convolve2d(tensor({{1.0}}), tensor({{std::numeric_limits<double>::infinity()}}), {.padding = 1});
  EXPECT_TRUE(std::isnan(output(0, 0)));
  EXPECT_TRUE(std::isinf(output(1, 1)));
}

TEST(PlanePool, KeepsTheFirstOfEqualValues) {
  for (const char* mode : {"max", "min"}) {
    EXPECT_TRUE(same_bits(pool2d(tensor({{-0.0, 0.0}, {0.0, 0.0}}), 2, {.mode = mode}), tensor({{-0.0}}))) << mode;
    EXPECT_TRUE(same_bits(pool2d(tensor({{0.0, -0.0}, {-0.0, -0.0}}), 2, {.mode = mode}), tensor({{0.0}}))) << mode;
  }
}

TEST(PlanePool, MeanJustBelowZeroIsNoMinusZero) {
  const float least = std::numeric_limits<float>::denorm_min();
  const auto plane = tensor({{-least, 0.F}, {0.F, 0.F}});
  const Tensor<float, 4> image({1, 1, 2, 2}, plane.elements());
  EXPECT_TRUE(same_bits(pool2d(plane, 2, {.mode = "avg"}), tensor({{0.F}})));
  EXPECT_TRUE(same_bits(avg_pool2d(image, {.kernel = {2, 2}}), Tensor<float, 4>({1, 1, 1, 1}, 0.F)));
}

// The window's taps lie on either side of the only cell.
TEST(PlanePool, WindowWhollyInPaddingGivesTheEndOfTheResultsType) {
  const auto cell = tensor<std::int64_t>({{5}});
  const PlanePoolSettings around{.padding = 1, .dilation = 2};
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_TRUE(same_bits(pool2d(cell, 2, around), tensor({{-infinity}})));
  EXPECT_TRUE(same_bits(pool2d(cell, 2, {.padding = 1, .dilation = 2, .mode = "min"}), tensor({{infinity}})));
  EXPECT_TRUE(same_bits(pool2d(cell, 2, {.padding = 1, .dilation = 2, .mode = "avg"}), tensor({{0.F}})));
  EXPECT_TRUE(same_bits(pool2d<std::int64_t>(cell, 2, around), tensor({{std::numeric_limits<std::int64_t>::min()}})));
}

TEST(PlanePool, PoolsWhatTheElementsAreInTheResultsType) {
  const auto plane = tensor<std::int64_t>({{16777216, 16777217}, {3, -4}});  // the second is no float
  EXPECT_TRUE(same_bits(pool2d(plane, 2), tensor({{16777216.F}})));
  EXPECT_TRUE(same_bits(pool2d<double>(plane, 2), tensor({{16777217.0}})));
  EXPECT_TRUE(same_bits(pool2d<std::int64_t>(plane, 2, {.mode = "min"}), tensor<std::int64_t>({{-4}})));
}

TEST(Plane, SettingsOfTheNotebookGiveItsOutputs) {
  const auto input = notebook_plane();
  const auto kernel = tensor<std::int64_t>({{0, 0, 0}, {0, 1, 0}, {0, 0, 0}});

  EXPECT_TRUE(same_bits(convolve2d(input, kernel, {.stride = 1, .padding = 0, .dilation = 1}),
                        tensor<std::int64_t>({{4, 0, 3, 8},  //
                                              {4, 1, 2, 5},
                                              {6, 9, 6, 3},
                                              {3, 1, 9, 7}})));
  EXPECT_TRUE(same_bits(convolve2d(input, kernel, {.stride = 2, .padding = 0, .dilation = 1}),
                        tensor<std::int64_t>({{4, 3}, {6, 6}})));
  EXPECT_TRUE(same_bits(convolve2d(input, kernel, {.stride = 1, .padding = 1, .dilation = 1}),
                        tensor<std::int64_t>({{2, 7, 6, 4, 6, 5},
                                              {0, 4, 0, 3, 8, 4},
                                              {0, 4, 1, 2, 5, 5},
                                              {7, 6, 9, 6, 3, 1},
                                              {9, 3, 1, 9, 7, 9},
                                              {2, 0, 5, 9, 3, 4}})));

  // The notebook's file breaks off after `[4, 0, 3`; the rest follows from a kernel that copies its centre.
  const auto dilated = convolve2d(input, kernel, {.stride = 1, .padding = 1, .dilation = 2});
  EXPECT_EQ((std::vector{dilated(0, 0), dilated(0, 1), dilated(0, 2)}), (std::vector<std::int64_t>{4, 0, 3}));
  EXPECT_TRUE(same_bits(dilated, convolve2d(input, kernel)));
}

}  // namespace
}  // namespace refloop
