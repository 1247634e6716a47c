// The table of legal differences: each row forgives what it says, under its name, and nothing beside it.
#include "check/legal.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "check/data.h"
#include "check/subjects.h"
#include "check/terms.h"

namespace refloop {
namespace {

constexpr float infinity = std::numeric_limits<float>::infinity();

/// The loops without a promise; `change(element, number)` on their first output.
template <class Change>
Subject changed(Change change, std::size_t output = 0) {
  Subject subject = right_kernel();
  subject.order = no_order;
  subject.run = [right = subject.run, change, output](const Case& c, Tensors inputs) {
    Outcome outcome = right(c, inputs);
    using T = std::remove_cvref_t<decltype(change.operator()(0))>;
    for_each_element<T>(outcome.outputs[output], [&](T& element, Index) { element = change(element); });
    return outcome;
  };
  return subject;
}

/// A case of special data of that kind, in which `is_told(output)` holds somewhere.
Case special_case(const Family& family, const std::function<bool(float)>& is_told) {
  for (std::uint64_t index = 0;; ++index) {
    Case c = sample(family, 51, index);
    c.dtype = DType::f32;
    c.data = Data::special;
    set_layout(c, Layout::dense);
    if (!family.all_orders_agree(c)) continue;
    const auto values = elements<float>(outputs_of(*contract(c), c, family.inputs(c))[0]);
    const bool tells = judge(c, right_kernel()).verdict == Verdict::exact;
    if (tells && std::any_of(values.begin(), values.end(), is_told)) return c;
  }
}

TEST(LegalDifference, InfinityMadeNanIsForgivenInSumsAlone) {
  const auto made_nan = [](float value) { return std::isinf(value) ? std::nanf("") : value; };
  const auto is_infinite = [](float value) { return std::isinf(value); };
  const Result in_sum = judge(special_case(family::conv, is_infinite), changed(made_nan));
  EXPECT_EQ(in_sum.verdict, Verdict::exact) << in_sum.reason;
  EXPECT_TRUE(in_sum.forgiven.contains("infinity made NaN"));
  const Result in_maximum = judge(special_case(family::max_pool, is_infinite), changed(made_nan));
  EXPECT_EQ(in_maximum.verdict, Verdict::wrong);
}

TEST(LegalDifference, InfinityMadeFiniteOrOfTheOtherSignIsWrong) {
  const Case c = special_case(family::conv, [](float value) { return std::isinf(value); });
  EXPECT_EQ(judge(c, changed([](float value) { return std::isinf(value) ? 1e30F : value; })).verdict, Verdict::wrong);
  EXPECT_EQ(judge(c, changed([](float value) { return std::isinf(value) ? -value : value; })).verdict, Verdict::wrong);
}

TEST(LegalDifference, ALostNanIsWrong) {
  for (const Family* family : {&family::conv, &family::avg_pool, &family::max_pool}) {
    const Case c = special_case(*family, [](float value) { return std::isnan(value); });
    EXPECT_EQ(judge(c, changed([](float value) { return std::isnan(value) ? 0 : value; })).verdict, Verdict::wrong);
  }
}

TEST(LegalDifference, PayloadOfANanThatIsCopied) {
  const Case c = special_case(family::max_pool, [](float value) { return std::isnan(value); });
  const Result result = judge(c, changed([](float value) { return std::isnan(value) ? std::nanf("7") : value; }));
  EXPECT_EQ(result.verdict, Verdict::exact) << result.reason;
  EXPECT_TRUE(result.forgiven.contains("payload of a NaN"));
}

/// A weight that is infinite meets padding in some output.
TEST(LegalDifference, PaddingTimesAnInfiniteWeight) {
  int forgiven = 0;
  for (std::uint64_t seed = 0; seed < 60; ++seed) {
    Case c = parse("conv2d_c2_i4_o3_k3_p1_f32_special");
    c.seed = seed;
    Subject skipping = right_kernel();
    skipping.order = no_order;
    skipping.run = [](const Case& asked, Tensors inputs) {
      Outcome outcome{.outputs = asked.family->outputs(asked)};
      std::vector<float> sums;
      asked.family->nests[0].each(asked, inputs, [&](const Terms& terms) {
        auto sum = static_cast<float>(terms.start);
        for (std::size_t at = 0; at < terms.values.size(); ++at) {
          if (terms.values[at] != 0) sum += static_cast<float>(terms.weights[at] * terms.values[at]);
        }
        sums.push_back(sum);
      });
      for_each_element<float>(outcome.outputs[0],
                              [&](float& element, Index at) { element = sums[static_cast<std::size_t>(at)]; });
      return outcome;
    };
    const Result result = judge(c, skipping);
    ASSERT_FALSE(fails(result.verdict)) << to_text(c) << ": " << result.reason;
    forgiven += result.forgiven.contains("padding times an infinite weight") ? 1 : 0;
  }
  EXPECT_GT(forgiven, 3);
}

TEST(LegalDifference, FlushedSubnormalsWhereTheyAreDeclared) {
  const auto is_subnormal = [](float value) { return std::fpclassify(value) == FP_SUBNORMAL; };
  const Case c = special_case(family::conv, is_subnormal);
  Subject flushing = changed([=](float value) { return is_subnormal(value) ? 0 : value; });
  Result undeclared = judge(c, flushing);
  EXPECT_EQ(undeclared.verdict, Verdict::wrong);
  explain(undeclared, flushing);
  EXPECT_TRUE(undeclared.declare.ends_with("declare it with --flushes-subnormals")) << undeclared.declare;
  flushing.declared.flushes_subnormals = true;
  const Result result = judge(c, flushing);
  EXPECT_EQ(result.verdict, Verdict::exact) << result.reason;
  EXPECT_TRUE(result.forgiven.contains("flushed subnormals"));
  flushing.declared.exact_only = true;
  EXPECT_EQ(judge(c, flushing).verdict, Verdict::wrong);

  const Subject wrong_kernel = changed([=](float value) { return is_subnormal(value) ? 1 : value; });
  Result wrong = judge(c, wrong_kernel);
  EXPECT_EQ(wrong.verdict, Verdict::wrong);
  explain(wrong, wrong_kernel);
  EXPECT_EQ(wrong.declare.find("subnormals"), std::string::npos) << wrong.declare;
}

TEST(LegalDifference, IndexOfNothingAndNoOther) {
  Subject subject = right_kernel();
  subject.order = no_order;
  subject.run = [right = subject.run](const Case& c, Tensors inputs) {
    Outcome outcome = right(c, inputs);
    const auto values = elements<float>(outcome.outputs[0]);
    for_each_element<std::int64_t>(outcome.outputs[1], [&](std::int64_t& index, Index at) {
      if (values[static_cast<std::size_t>(at)] == -infinity) index = -1;
    });
    return outcome;
  };
  const Case empty = parse("max_pool2d_i1x20_k3_s6_p1_d2_ceil_indices_f32_integer_seed1");
  const Result result = judge(empty, subject);
  EXPECT_FALSE(fails(result.verdict)) << result.reason;
  EXPECT_GT(result.forgiven.at("index of nothing"), 0);
  const auto nowhere = changed([](std::int64_t) { return std::int64_t{-1}; }, 1);
  EXPECT_EQ(judge(parse("max_pool2d_i4_k2_indices_f32_integer_seed1"), nowhere).verdict, Verdict::wrong);
}

}  // namespace
}  // namespace refloop
