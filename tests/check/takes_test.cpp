// What a subject turns out to take.
#include "check/takes.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace refloop {
namespace {

/// The loops, where the case is one of those.
Subject taking(bool (*takes)(const Case&)) {
  return {.name = "choosy",
          .run = [takes](const Case& c, Tensors in) -> Outcome {
            if (!takes(c)) return {.outputs = {}, .instead = Verdict::skipped, .reason = "not such a one"};
            Outcome outcome{.outputs = c.family->outputs(c)};
            contract(c)->run(c, *contract(c), in, outcome.outputs);
            return outcome;
          },
          .order = [](const Case&) -> const Way* { return nullptr; }};
}

/// Most kernels have one number for both paddings: it is varied all the same.
TEST(Takes, PaddingThatIsTheSameOnBothSides) {
  const Takes takes = what_it_takes(taking([](const Case& c) { return c.before == c.after; }), parse_pattern("conv2d"));
  ASSERT_EQ(takes.patterns.size(), 1u);
  EXPECT_EQ(to_text(takes.patterns[0]), "conv2d_noq");
  int padded = 0;
  for (std::uint64_t number = 0; number < 50; ++number) {
    const Case c = sample(takes.patterns[0], 1, number).subject_case();
    EXPECT_EQ(c.before, c.after) << to_text(c);
    padded += c.before != Axes{} ? 1 : 0;
  }
  EXPECT_GT(padded, 10);
}

TEST(Takes, AStrideThatIsThePoolsKernel) {
  const auto usual_stride = [](const Case& c) {
    return std::equal(c.stride.begin(), c.stride.begin() + c.dims, c.kernel.begin());
  };
  const Takes takes = what_it_takes(taking(usual_stride), parse_pattern("max_pool2d_s3"));
  ASSERT_FALSE(takes.patterns.empty());
  EXPECT_EQ(to_text(takes.patterns[0]), "max_pool2d_s3_k3");
  const Takes any = what_it_takes(taking(usual_stride), parse_pattern("max_pool2d_nos"));
  ASSERT_EQ(any.patterns.size(), 1u);
  EXPECT_EQ(to_text(any.patterns[0]), "max_pool2d_nos");
}

TEST(Takes, NothingThatFollowsWhereNothingNeedsTo) {
  const Takes all = what_it_takes(taking([](const Case&) { return true; }), parse_pattern("conv2d"));
  ASSERT_EQ(all.patterns.size(), 1u);
  EXPECT_EQ(to_text(all.patterns[0]), "conv2d");
  const auto without_padding = [](const Case& c) { return c.before == Axes{} && c.after == Axes{}; };
  const Takes none = what_it_takes(taking(without_padding), parse_pattern("conv2d"));
  ASSERT_EQ(none.patterns.size(), 1u);
  EXPECT_EQ(to_text(none.patterns[0]), "conv2d_p0_q0");
}

/// `noq` is as p, wherever that stands.
TEST(Takes, WhatAPatternSaysFollows) {
  for (const char* text : {"conv2d_noq_p2", "conv2d_p2_noq"}) {
    const Pattern pattern = parse_pattern(text);
    EXPECT_TRUE(pattern.matches(parse("conv2d_i6_k3_p2"))) << text;
    EXPECT_FALSE(pattern.matches(parse("conv2d_i6_k3_p2_q1"))) << text;
    EXPECT_FALSE(pattern.matches(parse("conv2d_i6_k3_p1"))) << text;
  }
  EXPECT_EQ(parse("conv2d_noq_i6_k3_p2x1"), parse("conv2d_i6_k3_p2x1"));
}

}  // namespace
}  // namespace refloop
