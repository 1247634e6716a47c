#include "refloop/tensor.h"

#include <gtest/gtest.h>

#include <cmath>

#include "kernels/same_bits.h"

namespace refloop {
namespace {

TEST(Tensor, NestedBracesGiveRowsAndColumns) {
  const auto matrix = tensor({{1, 2, 3}, {4, 5, 6}});
  EXPECT_EQ(matrix.extents(), (Extents<2>{2, 3}));
  EXPECT_EQ(matrix(0, 2), 3);
  EXPECT_EQ(matrix(1, 0), 4);
}

TEST(Tensor, StartsAtZeroUnlessAValueIsGiven) {
  EXPECT_EQ((Tensor<float, 2>({1, 2})).elements(), (std::vector<float>{0, 0}));
  EXPECT_EQ((Tensor<float, 2>({1, 2}, 7)).elements(), (std::vector<float>{7, 7}));
}

TEST(Tensor, LaysElementsOutRowMajor) {
  Tensor<int, 3> block({2, 3, 4});
  for (Index at = 0; at < block.size(); ++at) block.elements()[static_cast<std::size_t>(at)] = static_cast<int>(at);
  EXPECT_EQ(block(1, 2, 3), 1 * 12 + 2 * 4 + 3);
  EXPECT_EQ(block.view().strides, (Extents<3>{12, 4, 1}));
}

TEST(Tensor, EqualityComparesExtentsAndElements) {
  EXPECT_EQ(tensor({1, 2}), tensor({1, 2}));
  EXPECT_NE(tensor({1, 2}), tensor({1, 3}));
  EXPECT_NE((Tensor<int, 2>({1, 2})), (Tensor<int, 2>({2, 1})));
  EXPECT_EQ(tensor({0.0}), tensor({-0.0}));
}

TEST(TensorView, WritesThroughToItsTensor) {
  Tensor<int, 2> matrix({2, 2});
  const auto view = matrix.view();
  view(1, 0) = 5;
  EXPECT_EQ(matrix(1, 0), 5);
}

TEST(TensorView, TransposesWithStridesAlone) {
  const auto matrix = tensor({{1, 2, 3}, {4, 5, 6}});
  const TensorView<const int, 2> transposed(matrix.elements().data(), {3, 2}, {1, 3});
  EXPECT_EQ(transposed(2, 0), 3);
  EXPECT_EQ(transposed(0, 1), 4);
}

TEST(TensorView, RunsBackwardsWithNegativeStrides) {
  const auto row = tensor({1, 2, 3});
  const TensorView<const int, 1> reversed(row.elements().data() + 2, {3}, {-1});
  EXPECT_EQ(reversed(0), 3);
  EXPECT_EQ(reversed(2), 1);
}

TEST(TensorView, TakesImageChannelAndSpatialPosition) {
  Tensor<int, 5> volumes({2, 3, 4, 5, 6});
  volumes(1, 2, 3, 4, 5) = 9;
  const auto view = volumes.view();
  EXPECT_EQ(view.spatial(), (Extents<3>{4, 5, 6}));
  EXPECT_EQ(view(1, 2, Extents<3>{3, 4, 5}), 9);
}

TEST(Extents, VolumeIsTheProduct) {
  EXPECT_EQ(volume(Extents<3>{2, 3, 4}), 24);
  EXPECT_EQ(volume(Extents<3>{2, 0, 4}), 0);
  EXPECT_EQ(volume(Extents<0>{}), 1);
}

TEST(Extents, ReadAsSizes) {
  EXPECT_EQ(to_string(Extents<3>{2, 30, 4}), "2x30x4");
  EXPECT_EQ(to_string(Extents<1>{7}), "7");
}

TEST(Extents, DenseStridesOfUnevenAxes) {
  EXPECT_EQ(dense_strides(Extents<4>{5, 2, 3, 4}), (Extents<4>{24, 12, 4, 1}));
}

TEST(Extents, AreToldAsAVectorOfSizesIs) {
  const std::vector<Index> sizes{5, 2, 3};
  EXPECT_EQ(volume(sizes), 30);
  EXPECT_EQ(to_string(sizes), "5x2x3");
  EXPECT_EQ(dense_strides(sizes), (std::vector<Index>{6, 3, 1}));
}

TEST(Extents, PutBatchAndChannelsBeforeTheSpatialAxes) {
  EXPECT_EQ(with_spatial(2, 3, Extents<2>{5, 7}), (Extents<4>{2, 3, 5, 7}));
  EXPECT_EQ(with_spatial(2, 3, Extents<0>{}), (Extents<2>{2, 3}));
}

TEST(SameBits, TellsNegativeZeroFromZero) {
  EXPECT_FALSE(same_bits(tensor({0.0}), tensor({-0.0})));
  EXPECT_TRUE(same_bits(tensor({-0.0}), tensor({-0.0})));
}

TEST(SameBits, TellsSizesApart) {
  EXPECT_FALSE(same_bits(Tensor<int, 2>({1, 2}), Tensor<int, 2>({2, 1})));
}

TEST(SameBits, ShowsNumbersSoThatTheyDiffer) {
  EXPECT_STREQ(same_bits(1.F, std::nextafter(1.F, 2.F)).message(),
               "1 of 1 elements differ, first at { 0 }: 1, expected 1.00000012");
  EXPECT_STREQ(same_bits(std::int8_t{65}, std::int8_t{-1}).message(),
               "1 of 1 elements differ, first at { 0 }: 65, expected -1");
}

TEST(SameBits, NamesTheFirstWrongElement) {
  const auto verdict = same_bits(tensor({{1, 2}, {3, 4}}), tensor({{1, 2}, {5, 6}}));
  EXPECT_STREQ(verdict.message(), "2 of 4 elements differ, first at { 1, 0 }: 3, expected 5");
}

}  // namespace
}  // namespace refloop
