// Outputs that somebody brings with their inputs: what is right is never called wrong, and what is wrong is.
#include "check/brought.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "check/data.h"
#include "check/subjects.h"

namespace refloop {
namespace {

/// A case on inputs that are anybody's.
Prepared brought(const std::string& text) {
  Case c = parse(text);
  std::vector<AnyTensor> inputs = inputs_of(c);
  c.data = Data::special;
  return {c, std::move(inputs)};
}

std::vector<AnyTensor> loops(Prepared& prepared, std::size_t order = 0) {
  const Case& c = prepared.subject_case();
  return outputs_of(c.family->orders[order], c, prepared.inputs());
}

/// Every output of the case, each from its terms.
std::vector<AnyTensor> summed(Prepared& prepared, const std::function<double(const Terms&)>& sum) {
  const Case& c = prepared.subject_case();
  std::vector<AnyTensor> outputs = c.family->outputs(c);
  auto* const to = static_cast<float*>(outputs[0].data);
  Index at = 0;
  c.family->nests[0].each(c, prepared.inputs(), [&](const Terms& terms) { to[at++] = static_cast<float>(sum(terms)); });
  return outputs;
}

/// Backwards, the bias in the middle: an order that nobody has named.
double in_no_known_order(const Terms& terms) {
  float sum = 0;
  for (std::size_t at = terms.values.size(); at-- > 0;) {
    if (at == terms.values.size() / 2) sum += static_cast<float>(terms.start);
    sum += static_cast<float>(terms.weights[at]) * static_cast<float>(terms.values[at]);
  }
  return sum;
}

Brought judged(Prepared& prepared, Tensors got, const Declared& declared = {}) {
  Brought told = judge_brought(prepared, declared, "y.npy", got);
  explain_brought(told, prepared, declared, got);
  return told;
}

constexpr const char* usual = "conv2d_n2_c4_i8x9_o6_k3_p1_s2_bias_f32_real_seed5";

TEST(Brought, IsExactInAnOrderKnownByName) {
  Prepared prepared = brought(usual);
  for (const std::size_t order : {0U, 1U}) {
    const Brought told = judged(prepared, loops(prepared, order));
    EXPECT_EQ(told.result.verdict, Verdict::exact);
    EXPECT_TRUE(told.result.order.starts_with(order == 0 ? "channels_then_taps" : "taps_then_channels"));
    ASSERT_TRUE(told.nearness);
    EXPECT_GT(told.nearness->not_nearest, 0);
    EXPECT_LT(*told.result.bound_used, 1);
  }
}

TEST(Brought, IsBoundedInAnotherOrder) {
  Prepared prepared = brought(usual);
  const Brought told = judged(prepared, summed(prepared, in_no_known_order));
  EXPECT_EQ(told.result.verdict, Verdict::bounded) << told.result.reason;
  EXPECT_EQ(told.result.algorithm, "direct");
  EXPECT_GT(*told.result.bound_used, 0);
  EXPECT_EQ(told.telling, 2 * 6 * 4 * 5) << "of few terms each would be missed";
  const Brought exact = judged(prepared, loops(prepared), {.exact_only = true});
  EXPECT_EQ(exact.result.verdict, Verdict::exact);
  EXPECT_EQ(judged(prepared, summed(prepared, in_no_known_order), {.exact_only = true}).result.verdict, Verdict::wrong);
}

TEST(Brought, KnowsTheExactSumRoundedOnce) {
  Prepared prepared = brought(usual);
  const auto outputs = summed(prepared, [](const Terms& terms) {
    double sum = terms.start;  // of so few floats a double is exact enough
    for (std::size_t at = 0; at < terms.values.size(); ++at) sum += terms.weights[at] * terms.values[at];
    return sum;
  });
  const Brought told = judged(prepared, outputs);
  EXPECT_EQ(told.nearness->not_nearest, 0);
  EXPECT_LE(told.nearness->most_ulps, 0.5);
  outputs[0].view<float, 4>();
  auto* const first = static_cast<float*>(outputs[0].data);
  *first = std::nextafter(*first, 1e9F);
  const Brought moved = judged(prepared, outputs);
  EXPECT_EQ(moved.nearness->not_nearest, 1);
  EXPECT_GT(moved.nearness->most_ulps, 0.5);
  EXPECT_GT(moved.nearness->mean, told.nearness->mean);
}

TEST(Brought, ThatLostATapIsWrongWithItsStory) {
  Prepared prepared = brought(usual);
  auto outputs = summed(prepared, in_no_known_order);
  const auto lost = summed(prepared, [](const Terms& terms) {
    Terms fewer = terms;
    fewer.weights[7] = 0;
    return in_no_known_order(fewer);
  });
  static_cast<float*>(outputs[0].data)[57] = static_cast<const float*>(lost[0].data)[57];
  const Brought told = judged(prepared, outputs);
  EXPECT_EQ(told.result.verdict, Verdict::wrong);
  EXPECT_EQ(told.result.differing, 1);
  ASSERT_TRUE(told.result.first);
  EXPECT_EQ(told.result.first->at, (std::vector<Index>{0, 2, 3, 2}));
  ASSERT_TRUE(told.first);
  EXPECT_GT(*told.result.bound_used, 1);
  EXPECT_TRUE(told.result.reason.starts_with("1 of 240 elements lie beyond the rounding bound")) << told.result.reason;
}

TEST(Brought, NamesTheKnownMistakeByItsBitsAndButForRounding) {
  Prepared prepared = brought(usual);
  const Case& c = prepared.subject_case();
  const Way& mistake = mistake_of(*c.family, "kernel_flipped");
  for (const std::size_t order : {0U, 1U}) {
    const Brought told = judged(prepared, outputs_of(mistake, c, c.family->orders[order], prepared.inputs()));
    EXPECT_EQ(told.result.verdict, Verdict::wrong);
    EXPECT_EQ(told.result.explained_by, std::vector<std::string>{"kernel_flipped"});
  }
  Case edited = c;
  std::vector<AnyTensor> seen(prepared.inputs().begin(), prepared.inputs().end());
  mistake.edit(edited, seen);
  Prepared flipped(edited, {dense_copy(seen[0]), dense_copy(seen[1]), dense_copy(seen[2])});
  const Brought told = judged(prepared, summed(flipped, in_no_known_order));
  EXPECT_TRUE(told.result.explained_by.empty());
  EXPECT_EQ(told.alike, std::vector<std::string>{"kernel_flipped"});
}

/// What rounds in no order has one result, however wide the bound of such sizes is.
TEST(Brought, OnWholeNumbersIsDueToTheBit) {
  for (const char* text : {"conv2d_c64_i5_o2_k3_f32_integer_seed1", "conv2d_c64_i5_o2_k3_f32_wide_seed1"}) {
    Prepared prepared = brought(text);
    auto outputs = summed(prepared, in_no_known_order);
    EXPECT_EQ(judged(prepared, outputs).result.verdict, Verdict::exact) << text;
    auto* const first = static_cast<float*>(outputs[0].data);
    *first = std::nextafter(*first, 1e9F);
    EXPECT_EQ(judged(prepared, outputs).result.verdict, Verdict::wrong) << text;
  }
}

TEST(Brought, IsNotAccusedOfWhatIsNotFinite) {
  constexpr float infinity = std::numeric_limits<float>::infinity(), nan = std::numeric_limits<float>::quiet_NaN();
  for (const char* text : {"conv2d_c3_i6_o2_k3_p1_f32_real_seed1", "avg_pool2d_c2_i6_k3_p1_s2_f32_real_seed1"}) {
    for (const float value : {infinity, -infinity, nan, std::numeric_limits<float>::max()}) {
      Prepared plain = brought(text);
      std::vector<AnyTensor> inputs;
      for (const AnyTensor& input : plain.inputs()) inputs.push_back(copy(input));
      auto* const x = static_cast<float*>(inputs[0].data);
      x[7] = value;
      x[8] = -value;
      if (inputs.size() > 1) static_cast<float*>(inputs[1].data)[2] = infinity;
      Prepared prepared(plain.subject_case(), inputs);
      for (std::size_t order = 0; order < prepared.subject_case().family->orders.size(); ++order) {
        EXPECT_EQ(judged(prepared, loops(prepared, order)).result.verdict, Verdict::exact) << text << value << order;
      }
      auto outputs = summed(
          prepared, [](const Terms& terms) { return in_no_known_order(terms) / static_cast<double>(terms.divisor); });
      EXPECT_FALSE(fails(judged(prepared, outputs).result.verdict)) << text << value;
    }
  }
}

TEST(Brought, WithANumberWhereNaNIsDueIsWrong) {
  Prepared plain = brought("conv2d_c3_i6_o2_k3_f32_real_seed1");
  std::vector<AnyTensor> inputs{copy(plain.inputs()[0]), copy(plain.inputs()[1])};
  static_cast<float*>(inputs[0].data)[0] = std::numeric_limits<float>::quiet_NaN();
  Prepared prepared(plain.subject_case(), inputs);
  const auto outputs = loops(plain);
  const Brought told = judged(prepared, outputs);
  EXPECT_EQ(told.result.verdict, Verdict::wrong);
  EXPECT_EQ(told.result.differing, 2) << "the first of each of two output channels";
}

/// Which of several NaN wins is no promise, and neither is which of two zeros; what else an index says is one.
TEST(Brought, OfAPoolMayNameAnyNaN) {
  Prepared plain = brought("max_pool2d_i4_k3_s1_indices_f32_real_seed1");
  std::vector<AnyTensor> inputs{copy(plain.inputs()[0])};
  auto* const x = static_cast<float*>(inputs[0].data);
  std::fill_n(x, 16, -1.F);
  x[5] = x[6] = std::numeric_limits<float>::quiet_NaN();
  Prepared prepared(plain.subject_case(), inputs);
  auto outputs = loops(prepared);
  auto* const indices = static_cast<std::int64_t*>(outputs[1].data);
  ASSERT_EQ(indices[0], 6) << "the last NaN";
  indices[0] = 5;
  const Brought told = judged(prepared, outputs);
  EXPECT_EQ(told.result.verdict, Verdict::weak) << "every window has a NaN: " << told.result.reason;
  EXPECT_EQ(told.result.forgiven.size(), 1U);
  indices[0] = 4;
  EXPECT_EQ(judged(prepared, outputs).result.verdict, Verdict::wrong);
  x[15] = x[5];  // a NaN, but of another window
  indices[0] = 15;
  EXPECT_EQ(judged(prepared, outputs).result.verdict, Verdict::wrong);
}

TEST(Brought, OfEveryFamilyIsExactAsTheLoopsHaveIt) {
  for (const char* text :
       {"conv3d_c2_i4_o3_k2_g1_f64_real", "conv1d_c2_i9_o2_k3_int8_integer", "max_pool1d_c2_i9_k3_p1_indices_f64_real",
        "min_pool2d_i6_k2_uint8_integer", "avg_pool3d_i4_k2_f32_real", "avg_pool2d_i5_k3_int32_integer",
        "batch_norm2d_n2_c3_i4_train_affine_stats_f32_real", "batch_norm1d_n5_c3_eval_f64_real"}) {
    Prepared prepared = brought(text);
    auto outputs = loops(prepared);
    EXPECT_EQ(judged(prepared, outputs).result.verdict, Verdict::exact) << text;
    auto* const bytes = static_cast<unsigned char*>(outputs.back().data);
    bytes[element_size(outputs.back().dtype) - 1] ^= 0x41U;
    EXPECT_EQ(judged(prepared, outputs).result.verdict, Verdict::wrong) << text;
  }
}

TEST(Brought, OfAnotherSizeIsToldWithTheFormula) {
  Prepared prepared = brought("conv2d_i8_k3_f32_real");
  const Brought told = judged(prepared, list_of(make_tensor("output", DType::f32, {1, 1, 8, 6})));
  EXPECT_EQ(told.result.verdict, Verdict::wrong);
  EXPECT_TRUE(told.result.reason.starts_with(
      "output is 1x1x8x6 f32; 1x1x6x6 f32 is due; y: floor((8 + 0 + 0 - 3) / 1) + 1 = 6"))
      << told.result.reason;
}

TEST(Brought, ByWinogradIsWrongUntilItIsDeclared) {
  Prepared prepared = brought("conv2d_c8_i8_o3_k3_p1_f32_real_seed2");
  // Off by a few times the plain bound, as a transform may be.
  const auto outputs = summed(prepared, [](const Terms& terms) {
    double sum = 0, magnitude = 0;
    for (std::size_t at = 0; at < terms.values.size(); ++at) {
      sum += terms.weights[at] * terms.values[at];
      magnitude += std::abs(terms.weights[at] * terms.values[at]);
    }
    return sum + magnitude * 200 * 0x1p-24;
  });
  const Brought undeclared = judged(prepared, outputs);
  EXPECT_EQ(undeclared.result.verdict, Verdict::wrong);
  EXPECT_TRUE(undeclared.result.declare.ends_with("declare it with --algorithm winograd-4x4"))
      << undeclared.result.declare;
  EXPECT_EQ(judged(prepared, outputs, {.algorithms = {"winograd-4x4"}}).result.verdict, Verdict::bounded);
}

// ---- subjects that answer once ----

/// Has outputs of these cases, and of no other; whoever asks on other inputs gets the same.
Subject stored(const std::vector<Case>& cases, const std::function<double(const Terms&)>& sum) {
  Subject subject;
  subject.name = "stored";
  subject.run = [cases, sum](const Case& c, Tensors) -> Outcome {
    if (std::find(cases.begin(), cases.end(), c) == cases.end()) return {{}, Verdict::skipped, "not there"};
    Prepared prepared(c);
    return {summed(prepared, sum)};
  };
  subject.order = no_order;
  subject.answers_once = true;
  return subject;
}

TEST(AnswersOnce, PassesTheBoundWithItsTwinsAlone) {
  const Case c = parse("conv2d_c8_i8_o3_k3_p1_f32_real_seed2");
  std::vector<Case> all = c.family->twins(c);
  all.push_back(c);
  const Result bounded = judge(c, stored(all, in_no_known_order));
  EXPECT_EQ(bounded.verdict, Verdict::bounded) << bounded.reason;
  const Result skipped = judge(c, stored({c}, in_no_known_order));
  EXPECT_EQ(skipped.verdict, Verdict::skipped);
  EXPECT_EQ(skipped.reason, "within the rounding bound, but there are no outputs of " + to_text(c.family->twins(c)[0]) +
                                ", which tell more");
}

TEST(AnswersOnce, IsExactInAnOrderOnTheOneDraw) {
  const Case c = parse("conv2d_c8_i8_o3_k3_p1_f32_real_seed2");
  const Result result =
      judge(c, stored({c}, [](const Terms& terms) {
              float sum = 0;
              for (std::size_t at = 0; at < terms.values.size(); ++at)
                sum = std::fma(static_cast<float>(terms.weights[at]), static_cast<float>(terms.values[at]), sum);
              return static_cast<double>(sum);
            }));
  EXPECT_EQ(result.verdict, Verdict::exact);
  EXPECT_EQ(result.order, "channels_then_taps, in order, fused");
}

TEST(AnswersOnce, IsWrongByItsTwinAndIsNotShrunk) {
  const Case c = parse("conv2d_c8_i8_o3_k3_p1_f32_real_seed2");
  std::vector<Case> all = c.family->twins(c);
  all.push_back(c);
  const Subject rounds = stored(all, [](const Terms& terms) {
    Terms narrow = terms;  // which the bound of 72 terms does not see in every element
    narrow.weights[5] *= 1 + 0x1p-20;
    return in_no_known_order(narrow);
  });
  Result result = judge(c, rounds);
  EXPECT_EQ(result.verdict, Verdict::wrong);
  int asked = 0;
  Subject counting = rounds;
  counting.run = [&](const Case& one, Tensors in) {
    ++asked;
    return rounds.run(one, in);
  };
  diagnose(result, counting);
  EXPECT_TRUE(result.smallest.empty());
  EXPECT_LE(asked, 1);
}

}  // namespace
}  // namespace refloop
