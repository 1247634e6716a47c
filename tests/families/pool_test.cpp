// What pools are to the engine: which windows are legal, and where every order gives the same bits.
#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>

#include "check/mix.h"
#include "check/subjects.h"
#include "families/case_tools.h"

namespace refloop {
namespace {

TEST(CeilMode, LetsAKernelHangOverTheEnd) {
  const auto shape = [](const char* text) {
    const Case c = parse(text);
    return c.family->outputs(c)[0].shape;
  };
  EXPECT_EQ(shape("max_pool2d_i1_k2_ceil"), (std::vector<Index>{1, 1, 1, 1}));
  EXPECT_EQ(shape("avg_pool2d_i2_k3_s2_ceil"), (std::vector<Index>{1, 1, 1, 1}));
  EXPECT_EQ(shape("max_pool2d_i1x224_k3_s6_p1_d2_ceil"), (std::vector<Index>{1, 1, 1, 38}));
  EXPECT_NE(complaint([] { parse("max_pool2d_i1_k2"); }), "");
  EXPECT_NE(complaint([] { parse("max_pool2d_i1_k4_s2_ceil"); }), "") << "beyond the overhang too";
}

TEST(CeilMode, GivesTheStartWhereAWindowHoldsNothing) {
  const Case c = parse("max_pool2d_i1x224_k3_s6_p1_d2_ceil_f32_real");
  const auto outputs = outputs_of(*contract(c), c, c.family->inputs(c));
  for (const float value : elements<float>(outputs[0])) EXPECT_EQ(value, -std::numeric_limits<float>::infinity());
}

TEST(CeilMode, IsDrawnWhereTheKernelHangsOver) {
  int found = 0;
  for (std::uint64_t index = 0; index < 5'000; ++index) {
    Case c = sample(family::max_pool, 7, index);
    if (!c.ceil) continue;
    c.ceil = false;
    found += !complaint([&] { c.family->legal(c); }).empty();
  }
  EXPECT_GT(found, 20);
}

TEST(AverageExactness, IsDecidedByTheDivisorsThatCount) {
  const auto agrees = [](const char* text) {
    const Case c = parse(text);
    return c.family->all_orders_agree(c);
  };
  EXPECT_TRUE(agrees("avg_pool2d_i5_k2_s2_ceil_integer")) << "divisors 4, 2 and 1";
  EXPECT_TRUE(agrees("avg_pool2d_i4_k2_p1_excludepad_integer"));
  EXPECT_TRUE(agrees("avg_pool1d_i8_k3_s3_div4_wide"));
  EXPECT_FALSE(agrees("avg_pool1d_i8_k3_s3_integer"));
  EXPECT_FALSE(agrees("avg_pool1d_i7_k4_s4_ceil_integer")) << "the last window has 3";
  EXPECT_FALSE(agrees("avg_pool1d_i8_k4_p1_q2_excludepad_integer")) << "3 of 4 at the start";
  EXPECT_FALSE(agrees("avg_pool1d_i40000000_k40000000_div4_f32_integer")) << "more taps than a float counts";
  EXPECT_TRUE(agrees("avg_pool1d_i8_k3_s3_int32_integer")) << "integers wrap alike";
}

/// The same average summed in a shuffled order and multiplied by the reciprocal, as another right kernel may do it.
template <class T, std::size_t Rank>
std::vector<T> shuffled_averages(const Case& c, const AnyTensor& in, std::uint64_t seed) {
  const auto input = in.view<T, Rank>();
  const auto window = window_of<Rank - 2>(c);
  std::vector<T> averages;
  Extents<Rank> extents = input.extents;
  for (std::size_t axis = 2; axis < Rank; ++axis) extents[axis] = output_sizes(c)[axis - 2];
  for (const auto& at : positions(extents)) {
    Extents<Rank - 2> out{};
    for (std::size_t axis = 2; axis < Rank; ++axis) out[axis - 2] = at[axis];
    std::vector<T> terms;
    Index counted = 0;
    for (const auto& tap : positions(window.kernel)) {
      const auto from = window.input_position(out, tap);
      const bool in_input = inside(from, input.spatial());
      if (in_input) terms.push_back(input(at[0], at[1], from));
      counted += c.exclude_pad ? in_input : window.inside_padded(from, input.spatial());
    }
    for (std::size_t left = terms.size(); left > 1; --left) std::swap(terms[left - 1], terms[mix(++seed) % left]);
    const Index divisor = c.divisor.value_or(counted);
    const T sum = std::accumulate(terms.begin(), terms.end(), T{0});
    averages.push_back(divisor == 0 ? T{0} : sum * (T{1} / static_cast<T>(divisor)));
  }
  return averages;
}

bool same_values(const std::vector<float>& one, const std::vector<float>& other) {
  return std::equal(one.begin(), one.end(), other.begin(), other.end(),
                    [](float first, float second) { return first == second || (first != first && second != second); });
}

TEST(AverageExactness, HoldsForShuffledSumsAndReciprocals) {
  int compared = 0, other = 0;
  for (std::uint64_t index = 0; index < 20'000; ++index) {
    Case c = sample(family::avg_pool, 8, index);
    c.dtype = DType::f32;
    const bool agrees = c.family->all_orders_agree(c);
    const auto inputs = c.family->inputs(c);
    const auto expected = elements<float>(outputs_of(*contract(c), c, inputs)[0]);
    const auto shuffled =
        dispatch_rank(c.dims, [&]<std::size_t Rank>() { return shuffled_averages<float, Rank>(c, inputs[0], index); });
    if (agrees) {
      ++compared;
      ASSERT_TRUE(same_values(expected, shuffled)) << to_text(c);
    } else {
      other += !same_values(expected, shuffled);
    }
  }
  EXPECT_GT(compared, 1'000);
  EXPECT_GT(other, 1'000) << "the claim has something to leave out";
}

TEST(EmptyBatch, HasNoStatisticsAndLeavesThoseThatRun) {
  const Case c = parse("batch_norm2d_n0_c3_i4_train_affine_stats_f32_real_seed2");
  const auto inputs = c.family->inputs(c);
  const auto outputs = outputs_of(*contract(c), c, inputs);
  EXPECT_EQ(outputs[0].size(), 0);
  EXPECT_EQ(elements<float>(outputs[1]), elements<float>(*find(inputs, "running_mean")));
  EXPECT_EQ(elements<float>(outputs[2]), elements<float>(*find(inputs, "running_var")));
  EXPECT_NE(complaint([] { parse("batch_norm2d_n1_c3_i1_train"); }), "") << "one value has no variance";
}

}  // namespace
}  // namespace refloop
