// Every text here is what Python's torch prints for the same tensor.
#include "refloop/print.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numeric>
#include <sstream>

#include "kernels/notebook.h"
#include "refloop/batch_norm.h"
#include "refloop/plane.h"
#include "refloop/tensor.h"

namespace refloop {
namespace {

constexpr float inf = std::numeric_limits<float>::infinity();
constexpr float nan = std::numeric_limits<float>::quiet_NaN();

template <class T>
std::string text_of(std::initializer_list<T> elements) {
  return to_string(tensor(elements));
}

/// Elements start, start + 1, start + 2, ... in row-major order.
template <class T, std::size_t Rank>
Tensor<T, Rank> counted(const Extents<Rank>& extents, T start = T{0}) {
  Tensor<T, Rank> tensor(extents);
  std::iota(tensor.elements().begin(), tensor.elements().end(), start);
  return tensor;
}

TEST(Print, IntegersAlignToTheWidest) {
  EXPECT_EQ(text_of<std::int64_t>({0, -3, 12}), "tensor([ 0, -3, 12])");
  EXPECT_EQ(to_string(Tensor<std::int64_t, 2>({2, 2}, {1, -20, 300, 4})),
            "tensor([[  1, -20],\n"
            "        [300,   4]])");
}

TEST(Print, ExtremeIntegersKeepEveryDigit) {
  using Limits = std::numeric_limits<std::int64_t>;
  EXPECT_EQ(text_of({Limits::min(), Limits::max()}), "tensor([-9223372036854775808,  9223372036854775807])");
}

TEST(Print, WholeFloatsEndInADot) {
  EXPECT_EQ(text_of({1.F, 2.F, 10.F}), "tensor([ 1.,  2., 10.])");
}

TEST(Print, OneFractionGivesAllFourDecimals) {
  EXPECT_EQ(text_of({1.5F, -2.F, 10.F}), "tensor([ 1.5000, -2.0000, 10.0000])");
  EXPECT_EQ(text_of({0.1F, 0.25F, 1.F / 3}), "tensor([0.1000, 0.2500, 0.3333])");
}

TEST(Print, HalvesRoundToEven) {
  EXPECT_EQ(text_of({0.03125F, 0.09375F}), "tensor([0.0312, 0.0938])");
}

TEST(Print, SpanOfMoreThanAThousandIsScientific) {
  EXPECT_EQ(text_of({1.F, 1000.F}), "tensor([   1., 1000.])");
  EXPECT_EQ(text_of({1.F, 1001.F}), "tensor([1.0000e+00, 1.0010e+03])");
}

TEST(Print, LargeNumbersAreScientificAboveTenToTheEighth) {
  EXPECT_EQ(text_of({1e8F}), "tensor([100000000.])");
  EXPECT_EQ(text_of({2e8F, 1e8F}), "tensor([2.0000e+08, 1.0000e+08])");
}

TEST(Print, SmallNumbersAreScientificBelowTenToTheMinusFour) {
  EXPECT_EQ(text_of({1e-4}), "tensor([0.0001], dtype=torch.float64)");
  EXPECT_EQ(text_of({1e-4F}), "tensor([1.0000e-04])");  // as a float it lies just below
  EXPECT_EQ(text_of({9e-5F}), "tensor([9.0000e-05])");
}

TEST(Print, NanAndInfinityTakeNoDot) {
  EXPECT_EQ(text_of({1.F, nan, -inf}), "tensor([1., nan, -inf])");
  EXPECT_EQ(text_of({1.5F, nan, inf}), "tensor([1.5000,    nan,    inf])");
  EXPECT_EQ(text_of({nan, nan}), "tensor([nan, nan])");
  EXPECT_EQ(text_of({1e-6F, inf, 0.F}), "tensor([1.0000e-06,        inf, 0.0000e+00])");
}

TEST(Print, NegativeNanHasNoSign) {
  EXPECT_EQ(text_of({std::copysign(nan, -1.F)}), "tensor([nan])");
}

TEST(Print, NegativeZeroKeepsItsSignAndWidensNothing) {
  EXPECT_EQ(text_of({-0.F}), "tensor([-0.])");
  EXPECT_EQ(text_of({-0.F, 0.F, 1.F}), "tensor([-0., 0., 1.])");
  EXPECT_EQ(text_of({-0.F, 0.5F}), "tensor([-0.0000, 0.5000])");
  EXPECT_EQ(text_of({nan, 12345.F, -0.F}), "tensor([   nan, 12345.,    -0.])");
}

TEST(Print, NamesTheTypesThatAreNotTorchsDefault) {
  EXPECT_EQ(text_of<double>({0.125, 0.375}), "tensor([0.1250, 0.3750], dtype=torch.float64)");
  EXPECT_EQ(text_of<std::int32_t>({1, 100}), "tensor([  1, 100], dtype=torch.int32)");
  EXPECT_EQ(text_of<std::int16_t>({1, 100}), "tensor([  1, 100], dtype=torch.int16)");
  EXPECT_EQ(text_of<std::int8_t>({-128, 7}), "tensor([-128,    7], dtype=torch.int8)");
  EXPECT_EQ(text_of<std::uint8_t>({200, 7}), "tensor([200,   7], dtype=torch.uint8)");
}

TEST(Print, DtypeGoesOntoItsOwnLineWhereItWouldPassColumn80) {
  EXPECT_EQ(to_string(counted<std::int32_t, 1>({13}, 10)),
            "tensor([10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22], dtype=torch.int32)");
  EXPECT_EQ(to_string(Tensor<std::int8_t, 1>({18}, 1)),
            "tensor([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1],\n"
            "       dtype=torch.int8)");
  EXPECT_EQ(to_string(counted<std::int32_t, 1>({11}, 1000)),
            "tensor([1000, 1001, 1002, 1003, 1004, 1005, 1006, 1007, 1008, 1009, 1010],\n"
            "       dtype=torch.int32)");
  EXPECT_EQ(to_string(counted<std::int32_t, 1>({13}, 100)),
            "tensor([100, 101, 102, 103, 104, 105, 106, 107, 108, 109, 110, 111, 112],\n"
            "       dtype=torch.int32)");
  EXPECT_EQ(to_string(counted<std::int32_t, 2>({2, 10}, 100)),
            "tensor([[100, 101, 102, 103, 104, 105, 106, 107, 108, 109],\n"
            "        [110, 111, 112, 113, 114, 115, 116, 117, 118, 119]], dtype=torch.int32)");
}

TEST(Print, ThreeAxesArePartedByAnEmptyLine) {
  EXPECT_EQ(to_string(counted<std::int64_t, 3>({2, 2, 2})),
            "tensor([[[0, 1],\n"
            "         [2, 3]],\n"
            "\n"
            "        [[4, 5],\n"
            "         [6, 7]]])");
}

TEST(Print, FourAxesArePartedByTwoEmptyLines) {
  EXPECT_EQ(to_string(counted<std::int64_t, 4>({2, 2, 1, 2})),
            "tensor([[[[0, 1]],\n"
            "\n"
            "         [[2, 3]]],\n"
            "\n"
            "\n"
            "        [[[4, 5]],\n"
            "\n"
            "         [[6, 7]]]])");
}

TEST(Print, FiveAxesArePartedByThreeEmptyLines) {
  EXPECT_EQ(to_string(counted<float, 5>({2, 1, 2, 1, 2})),
            "tensor([[[[[0., 1.]],\n"
            "\n"
            "          [[2., 3.]]]],\n"
            "\n"
            "\n"
            "\n"
            "        [[[[4., 5.]],\n"
            "\n"
            "          [[6., 7.]]]]])");
}

TEST(Print, EmptyTensorsSayTheirSizeAndType) {
  EXPECT_EQ(to_string(Tensor<float, 1>({0})), "tensor([])");
  EXPECT_EQ(to_string(Tensor<double, 1>({0})), "tensor([], dtype=torch.float64)");
  EXPECT_EQ(to_string(Tensor<std::int64_t, 1>({0})), "tensor([], dtype=torch.int64)");
  EXPECT_EQ(to_string(Tensor<float, 3>({2, 0, 3})), "tensor([], size=(2, 0, 3))");
  EXPECT_EQ(to_string(Tensor<std::int64_t, 2>({2, 0})), "tensor([], size=(2, 0), dtype=torch.int64)");
  EXPECT_EQ(to_string(Tensor<std::uint8_t, 3>({0, 1, 2})), "tensor([], size=(0, 1, 2), dtype=torch.uint8)");
}

TEST(Print, LongRowsWrapAt80Columns) {
  EXPECT_EQ(to_string(counted<std::int64_t, 1>({30})),
            "tensor([ 0,  1,  2,  3,  4,  5,  6,  7,  8,  9, 10, 11, 12, 13, 14, 15, 16, 17,\n"
            "        18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29])");
  EXPECT_EQ(to_string(counted<std::int64_t, 2>({1, 18}, 10)),
            "tensor([[10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27]])");
  EXPECT_EQ(to_string(counted<std::int64_t, 3>({1, 1, 23}, 99990)),
            "tensor([[[ 99990,  99991,  99992,  99993,  99994,  99995,  99996,  99997,\n"
            "           99998,  99999, 100000, 100001, 100002, 100003, 100004, 100005,\n"
            "          100006, 100007, 100008, 100009, 100010, 100011, 100012]]])");
}

TEST(Print, ThousandElementsAreShownWhole) {
  const auto text = to_string(counted<std::int64_t, 1>({1000}));
  EXPECT_EQ(text.find("..."), std::string::npos);
  EXPECT_NE(text.find(" 500,"), std::string::npos);
}

TEST(Print, MoreThanAThousandElementsAreCutToThreeAtEachEnd) {
  EXPECT_EQ(to_string(counted<std::int64_t, 1>({1001})), "tensor([   0,    1,    2,  ...,  998,  999, 1000])");
  EXPECT_EQ(to_string(counted<std::int64_t, 2>({7, 143})),
            "tensor([[   0,    1,    2,  ...,  140,  141,  142],\n"
            "        [ 143,  144,  145,  ...,  283,  284,  285],\n"
            "        [ 286,  287,  288,  ...,  426,  427,  428],\n"
            "        ...,\n"
            "        [ 572,  573,  574,  ...,  712,  713,  714],\n"
            "        [ 715,  716,  717,  ...,  855,  856,  857],\n"
            "        [ 858,  859,  860,  ...,  998,  999, 1000]])");
}

TEST(Print, DotsTakeAPlaceOfTheLine) {
  EXPECT_EQ(to_string(counted<std::int64_t, 1>({1001}, 1000000000)),
            "tensor([1000000000, 1000000001, 1000000002,  ..., 1000000998, 1000000999,\n"
            "        1000001000])");
}

TEST(Print, AxesOfSixOrFewerAreNeverCut) {
  EXPECT_EQ(to_string(counted<std::int64_t, 2>({2, 1000})),
            "tensor([[   0,    1,    2,  ...,  997,  998,  999],\n"
            "        [1000, 1001, 1002,  ..., 1997, 1998, 1999]])");
  EXPECT_EQ(to_string(Tensor<float, 2>({6, 167})),
            "tensor([[0., 0., 0.,  ..., 0., 0., 0.],\n"
            "        [0., 0., 0.,  ..., 0., 0., 0.],\n"
            "        [0., 0., 0.,  ..., 0., 0., 0.],\n"
            "        [0., 0., 0.,  ..., 0., 0., 0.],\n"
            "        [0., 0., 0.,  ..., 0., 0., 0.],\n"
            "        [0., 0., 0.,  ..., 0., 0., 0.]])");
}

TEST(Print, HiddenElementsDoNotShapeTheStyle) {
  Tensor<float, 1> numbers({1001});
  numbers(500) = 12345.5F;
  EXPECT_EQ(to_string(numbers), "tensor([0., 0., 0.,  ..., 0., 0., 0.])");
}

TEST(Print, ShowsTheNotebooksBatchNorm) {
  EXPECT_EQ(to_string(batch_norm2d(notebook_batch())),
            "tensor([[[[ 0.1187, -0.8307],\n"
            "          [-0.8307, -0.8307]],\n"
            "\n"
            "         [[-1.0422, -0.6797],\n"
            "          [-1.0422, -1.0422]]],\n"
            "\n"
            "\n"
            "        [[[-0.8307,  0.1187],\n"
            "          [ 1.0681,  2.0175]],\n"
            "\n"
            "         [[ 0.4078,  0.7703],\n"
            "          [ 1.1329,  1.4954]]]])");
  const auto statistics = channel_statistics(notebook_batch());
  EXPECT_EQ(to_string(statistics.mean), "tensor([0.8750, 2.8750])");
  EXPECT_EQ(to_string(statistics.kept_variance), "tensor([1.2679, 8.6964])");
}

TEST(Print, ShowsTheNotebooksPlanes) {
  const auto kernel = tensor<std::int64_t>({{0, 0, 0}, {0, 1, 0}, {0, 0, 0}});
  EXPECT_EQ(to_string(convolve2d(notebook_plane(), kernel)),
            "tensor([[4, 0, 3, 8],\n"
            "        [4, 1, 2, 5],\n"
            "        [6, 9, 6, 3],\n"
            "        [3, 1, 9, 7]])");
  EXPECT_EQ(to_string(pool2d(notebook_plane(), 2, {.mode = "avg"})),
            "tensor([[3.2500, 3.2500, 5.7500],\n"
            "        [4.2500, 4.5000, 3.5000],\n"
            "        [3.5000, 6.0000, 5.7500]])");
}

TEST(Print, TitleStandsInCapitalsWithTheSizes) {
  std::ostringstream out;
  print(Tensor<std::int64_t, 2>({2, 3}, {0, 1, 2, 3, 4, 5}), "first input", out);
  EXPECT_EQ(out.str(),
            "FIRST INPUT (2x3)\n"
            "tensor([[0, 1, 2],\n"
            "        [3, 4, 5]])\n"
            "\n");
}

TEST(Print, GoesToStandardOutput) {
  testing::internal::CaptureStdout();
  print(tensor<std::int64_t>({7}), "kernel");
  EXPECT_EQ(testing::internal::GetCapturedStdout(), "KERNEL (1)\ntensor([7])\n\n");
}

}  // namespace
}  // namespace refloop
