#include "kernels/sum.h"

#include <gtest/gtest.h>

#include <cstdint>
#include <limits>
#include <vector>

#include "kernels/same_bits.h"

namespace refloop {
namespace {

constexpr float big = 33554432;  // 2^25: a one added to it is lost
constexpr float inf = std::numeric_limits<float>::infinity();

/// What a sum comes to that goes on with these terms.
template <class Sum>
Total<Sum> with(Sum sum, const std::vector<Value<Sum>>& terms) {
  for (const auto term : terms) sum.plus(term);
  return sum.result();
}

template <class Sum>
Total<Sum> with_product(Sum sum, Value<Sum> weight, Value<Sum> value) {
  sum.add(weight, value);
  return sum.result();
}

TEST(InOrder, RoundsEachSum) {
  EXPECT_TRUE(same_bits(with(InOrder<float>(), {big, 1, -big, 1}), 1.F));
  EXPECT_TRUE(same_bits(with(InOrder<float>(), {big, -big, 1, 1}), 2.F));
  EXPECT_TRUE(same_bits(with(InOrder<double>(), {0x1p54, 1, -0x1p54, 1}), 1.0));
}

TEST(InOrder, RoundsEachProductBeforeItIsAdded) {
  // (1 + 2^-12)^2 = 1 + 2^-11 + 2^-24 rounds to 1 + 2^-11; a fused multiply-add would leave 2^-24.
  const float factor = 1 + 0x1p-12F;
  EXPECT_TRUE(same_bits(with_product(InOrder<float>(-(1 + 0x1p-11F)), factor, factor), 0.F));
  const double finer = 1 + 0x1p-27;
  EXPECT_TRUE(same_bits(with_product(InOrder<double>(-(1 + 0x1p-26)), finer, finer), 0.0));
}

TEST(InOrder, BeginsAtItsStart) {
  EXPECT_TRUE(same_bits(InOrder<float>().result(), 0.F));
  EXPECT_TRUE(same_bits(InOrder<float>(-0.F).result(), -0.F));
  EXPECT_TRUE(same_bits(with(InOrder<float>(1), {big, -big}), 0.F));
  EXPECT_TRUE(same_bits(with(InOrder<float>(), {-0.F, -0.F}), 0.F));
  EXPECT_TRUE(same_bits(with(InOrder<float>(-0.F), {-0.F, -0.F}), -0.F));
}

TEST(InOrder, IntegersWrap) {
  using Limits = std::numeric_limits<std::int64_t>;
  EXPECT_TRUE(same_bits(with(InOrder<std::int8_t>(127), {1}), std::int8_t{-128}));
  EXPECT_TRUE(same_bits(with(InOrder<std::int8_t>(100), {100, -100}), std::int8_t{100}));
  EXPECT_TRUE(same_bits(with(InOrder<std::int64_t>(Limits::max()), {1}), Limits::min()));
  EXPECT_TRUE(same_bits(with_product(InOrder<std::int8_t>(3), -128, -128), std::int8_t{3}));
  EXPECT_TRUE(same_bits(with_product(InOrder<std::uint8_t>(1), 2, 200), std::uint8_t{145}));
  EXPECT_TRUE(same_bits(with_product(InOrder<std::int16_t>(), 2, 20000), std::int16_t{-25536}));
  EXPECT_TRUE(same_bits(with_product(InOrder<std::int32_t>(), 2, 2147483647), std::int32_t{-2}));
  EXPECT_TRUE(same_bits(with_product(InOrder<std::int64_t>(), Limits::min(), -1), Limits::min()));
}

TEST(StartLast, AddsTheStartLast) {
  // Begun with, the one is lost in 2^25; added last, it meets the 0 that 2^25 - 2^25 leaves.
  EXPECT_TRUE(same_bits(with(StartLast<InOrder<float>>(1), {big, -big}), 1.F));
  EXPECT_TRUE(same_bits(with(InOrder<float>(1), {big, -big}), 0.F));
  // Begun with, -2^25 meets 2^25 before the one comes; added last, it meets a 2^25 that has lost the one.
  EXPECT_TRUE(same_bits(with(StartLast<InOrder<float>>(-big), {big, 1}), 0.F));
  EXPECT_TRUE(same_bits(with(InOrder<float>(-big), {big, 1}), 1.F));
}

TEST(StartLast, AddsTheStartOfProductsLast) {
  StartLast<InOrder<float>> sum(1);
  sum.add(2, big);
  sum.add(-1, 2 * big);
  EXPECT_TRUE(same_bits(sum.result(), 1.F));
}

TEST(StartLast, ToldEarlyGoesOnAsIfNobodyHadAsked) {
  StartLast<InOrder<float>> sum(1);
  sum.plus(2);
  EXPECT_TRUE(same_bits(sum.result(), 3.F));
  EXPECT_TRUE(same_bits(sum.result(), 3.F));
  sum.plus(big);  // 2 is lost
  sum.plus(-big);
  EXPECT_TRUE(same_bits(sum.result(), 1.F));
}

TEST(StartLast, BeginsAtZeroWhateverItsStart) {
  EXPECT_TRUE(same_bits(StartLast<InOrder<float>>().result(), 0.F));
  EXPECT_TRUE(same_bits(with(StartLast<InOrder<float>>(), {big, 1, -big, 1}), 1.F));
  EXPECT_TRUE(same_bits(with(StartLast<InOrder<float>>(-0.F), {-0.F}), 0.F));
}

TEST(StartLast, IsAsInOrderForIntegers) {
  EXPECT_TRUE(same_bits(with(StartLast<InOrder<std::int8_t>>(127), {1}), std::int8_t{-128}));
  EXPECT_TRUE(same_bits(with_product(StartLast<InOrder<std::uint8_t>>(1), 2, 200), std::uint8_t{145}));
}

TEST(FromFirst, LeavesTheFirstTermAsItIs) {
  for (const float term : {0.F, -0.F, 1.F, -1.F, std::numeric_limits<float>::denorm_min(), big, -inf}) {
    EXPECT_TRUE(same_bits(with(FromFirst<InOrder<float>>(), {term}), term));
    EXPECT_TRUE(same_bits(with_product(FromFirst<InOrder<float>>(), 1, term), term));
  }
}

TEST(FromFirst, KeepsMinusZeroOnlyWhereNothingElseIsAdded) {
  EXPECT_TRUE(same_bits(with(FromFirst<InOrder<float>>(), {-0.F, -0.F, -0.F}), -0.F));
  EXPECT_TRUE(same_bits(with(FromFirst<InOrder<float>>(), {-0.F, 0.F, -0.F}), 0.F));
  EXPECT_TRUE(same_bits(with(FromFirst<InOrder<float>>(), {1, -1, -0.F}), 0.F));
  EXPECT_TRUE(same_bits(with(FromFirst<InOrder<float>>(), {-0.F, 2, -0.F}), 2.F));
  EXPECT_TRUE(same_bits(with_product(FromFirst<InOrder<double>>(), -1, 0), -0.0));
  EXPECT_TRUE(same_bits(with_product(InOrder<double>(), -1, 0), 0.0));
}

TEST(FromFirst, IsAsInOrderFromAStart) {
  for (const float start : {0.F, -0.F, 1.F, -big}) {
    for (const std::vector<float>& terms : {std::vector<float>{}, {-0.F}, {0.F}, {big, 1, -big, 1}}) {
      EXPECT_TRUE(same_bits(with(FromFirst<InOrder<float>>(start), terms), with(InOrder<float>(start), terms)));
    }
  }
  EXPECT_TRUE(same_bits(with(FromFirst<InOrder<float>>(0), {-0.F}), 0.F));
}

TEST(FromFirst, IsAsInOrderForIntegers) {
  EXPECT_TRUE(same_bits(FromFirst<InOrder<std::uint8_t>>().result(), std::uint8_t{0}));
  EXPECT_TRUE(same_bits(with(FromFirst<InOrder<std::int8_t>>(), {127, 1}), std::int8_t{-128}));
  EXPECT_TRUE(same_bits(with(FromFirst<InOrder<std::int8_t>>(127), {1}), std::int8_t{-128}));
  EXPECT_TRUE(same_bits(with_product(FromFirst<InOrder<std::int64_t>>(), 2, std::numeric_limits<std::int64_t>::max()),
                        std::int64_t{-2}));
}

TEST(FromFirst, RoundsLikeTheSumItIsMadeOf) {
  EXPECT_TRUE(same_bits(with(FromFirst<InOrder<float>>(), {big, 1, -big, 1}), 1.F));
}

}  // namespace
}  // namespace refloop
