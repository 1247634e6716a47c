#include "refloop/window.h"

#include <gtest/gtest.h>

namespace refloop {
namespace {

template <std::size_t Dims>
std::vector<Extents<Dims>> visited(const Extents<Dims>& extents) {
  std::vector<Extents<Dims>> order;
  for (const auto& at : positions(extents)) order.push_back(at);
  return order;
}

TEST(Positions, RunRowMajor) {
  EXPECT_EQ(visited<2>({2, 3}), (std::vector<Extents<2>>{{0, 0}, {0, 1}, {0, 2}, {1, 0}, {1, 1}, {1, 2}}));
}

TEST(Positions, VisitEveryPositionOfUnevenAxesOnce) {
  const auto order = visited<3>({2, 3, 4});
  ASSERT_EQ(order.size(), 24);
  for (Index a = 0; a < 2; ++a) {
    for (Index b = 0; b < 3; ++b) {
      for (Index c = 0; c < 4; ++c) {
        EXPECT_EQ(order[static_cast<std::size_t>(a * 12 + b * 4 + c)], (Extents<3>{a, b, c}));
      }
    }
  }
}

TEST(Positions, OfAnEmptyAxisAreNone) {
  EXPECT_TRUE(visited<2>({3, 0}).empty());
  EXPECT_TRUE(visited<2>({0, 3}).empty());
  EXPECT_TRUE(visited<1>({0}).empty());
}

TEST(Positions, OfOneCellAreOne) {
  EXPECT_EQ(visited<3>({1, 1, 1}), (std::vector<Extents<3>>{{0, 0, 0}}));
}

TEST(Window, CountsDilatedReach) {
  EXPECT_EQ(reach(3, 1), 3);
  EXPECT_EQ(reach(3, 2), 5);
  EXPECT_EQ(reach(1, 9), 1);
  EXPECT_EQ(reach(2, 5), 6);
  EXPECT_EQ(reach(4, 2), 7);
}

TEST(Window, OutputIsOneCellWhereTheInputIsTheReachOfEveryAxis) {
  EXPECT_EQ((Window<1>{.kernel = {3}}).output_extents({3}), Extents<1>{1});
  const Window<3> window{.kernel = {2, 3, 4}, .dilation = {5, 1, 2}};
  EXPECT_EQ(window.output_extents({6, 3, 7}), (Extents<3>{1, 1, 1}));
  EXPECT_EQ(window.output_extents({5, 2, 6}), (Extents<3>{0, 0, 0}));
}

TEST(Window, TapsReadFromThePaddedCorner) {
  const Window<2> window{
      .kernel = {3, 2}, .stride = {2, 3}, .padding_before = {1, 4}, .padding_after = {7, 8}, .dilation = {5, 6}};
  EXPECT_EQ(window.input_position({0, 0}, {0, 0}), (Extents<2>{-1, -4}));
  EXPECT_EQ(window.input_position({1, 0}, {0, 0}), (Extents<2>{1, -4}));
  EXPECT_EQ(window.input_position({0, 1}, {0, 0}), (Extents<2>{-1, -1}));
  EXPECT_EQ(window.input_position({0, 0}, {1, 0}), (Extents<2>{4, -4}));
  EXPECT_EQ(window.input_position({0, 0}, {0, 1}), (Extents<2>{-1, 2}));
  EXPECT_EQ(window.input_position({3, 2}, {2, 1}), (Extents<2>{15, 8}));
}

TEST(Window, OutputEndsWhereTheWindowNoLongerFits) {
  EXPECT_EQ((Window<1>{.kernel = {3}}).output_extents({6}), Extents<1>{4});
  EXPECT_EQ((Window<1>{.kernel = {3}, .stride = {2}}).output_extents({6}), Extents<1>{2});
  EXPECT_EQ((Window<1>{.kernel = {3}, .stride = {2}}).output_extents({7}), Extents<1>{3});
  EXPECT_EQ((Window<1>{.kernel = {3}, .stride = {9}}).output_extents({7}), Extents<1>{1});
}

TEST(Window, OutputCountsPaddingOnBothSides) {
  EXPECT_EQ((Window<1>{.kernel = {3}, .padding_before = {1}}).output_extents({6}), Extents<1>{5});
  EXPECT_EQ((Window<1>{.kernel = {3}, .padding_after = {2}}).output_extents({6}), Extents<1>{6});
}

TEST(Window, OutputOfUnevenAxes) {
  const Window<3> window{.kernel = {3, 2, 1},
                         .stride = {2, 1, 3},
                         .padding_before = {1, 0, 2},
                         .padding_after = {0, 2, 1},
                         .dilation = {2, 3, 4}};
  EXPECT_EQ(window.output_extents({6, 5, 8}), (Extents<3>{2, 4, 4}));
}

TEST(Window, FitsExactlyOnceOrNotAtAll) {
  EXPECT_EQ((Window<1>{.kernel = {4}, .stride = {3}, .dilation = {2}}).output_extents({7}), Extents<1>{1});
  EXPECT_EQ((Window<1>{.kernel = {4}, .stride = {3}, .dilation = {2}}).output_extents({6}), Extents<1>{0});
  EXPECT_EQ((Window<1>{.kernel = {9}}).output_extents({2}), Extents<1>{0});
}

TEST(Window, SizesOfAConstantWindowAreConstants) {
  constexpr Window<2> window{.kernel = {3, 3}, .padding_before = {1, 1}, .padding_after = {1, 1}};
  constexpr auto output = window.output_extents({5, 7});
  EXPECT_EQ(output, (Extents<2>{5, 7}));
}

TEST(Window, InsideHoldsOnEveryAxis) {
  const Extents<2> extents{2, 3};
  EXPECT_TRUE(inside(Extents<2>{0, 0}, extents));
  EXPECT_TRUE(inside(Extents<2>{1, 2}, extents));
  EXPECT_FALSE(inside(Extents<2>{2, 0}, extents));
  EXPECT_FALSE(inside(Extents<2>{0, 3}, extents));
  EXPECT_FALSE(inside(Extents<2>{-1, 0}, extents));
  EXPECT_FALSE(inside(Extents<2>{0, -1}, extents));
}

}  // namespace
}  // namespace refloop
