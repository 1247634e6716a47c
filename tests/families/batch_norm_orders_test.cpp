// A batch norm that promises nothing is recognised by the order that it rounds in; one that no order explains is not
// accused.
#include <gtest/gtest.h>

#include "check/subjects.h"

namespace refloop {
namespace {

Subject computing(const Way& order) {
  return {.name = "mine",
          .run = [&order](const Case& c, Tensors in) { return Outcome{.outputs = outputs_of(order, c, in)}; },
          .order = no_order};
}

TEST(BatchNormOrders, AreRecognisedByName) {
  for (const char* text : {"batch_norm2d_n6_c5_i9x11_train_affine_stats_f32_real_seed3",
                           "batch_norm2d_n6_c5_i9x11_train_affine_stats_f64_real_seed3"}) {
    const Case c = parse(text);
    for (const Way& order : c.family->orders) {
      const Result result = judge(c, computing(order));
      EXPECT_EQ(result.verdict, Verdict::exact) << text << " " << order.name << ": " << result.reason;
      if (c.dtype == DType::f32) {  // in f64 some are the same
        EXPECT_EQ(result.order, order.name) << text;
      }
    }
  }
}

TEST(BatchNormOrders, AreRightOnDataWhoseFiguresAnybodyCanWorkOut) {
  // Mean 3, biased variance 4, eps 0: two channels of values 1 and 5 become -1 and 1.
  const Case c = parse("batch_norm1d_n2_c1_train_eps0_f32_real");
  for (const Way& order : c.family->orders) {
    std::vector<AnyTensor> inputs = c.family->inputs(c);
    static_cast<float*>(inputs[0].data)[0] = 1;
    static_cast<float*>(inputs[0].data)[1] = 5;
    const auto outputs = outputs_of(order, c, inputs);
    EXPECT_EQ(elements<float>(outputs[0]), (std::vector<float>{-1, 1})) << order.name;
  }
}

const Way& order_named(std::string_view name) {
  for (const Way& order : family::batch_norm.orders) {
    if (order.name == name) return order;
  }
  throw Error("no such order");
}

/// The images from last to first.
Outcome from_the_last(const Way& order, const Case& c, Tensors in) {
  std::vector<AnyTensor> turned(in.begin(), in.end());
  const auto bytes = static_cast<Index>(element_size(c.dtype));
  const auto turn = [&](AnyTensor& tensor) {
    tensor.data = static_cast<char*>(tensor.data) + (c.batch - 1) * tensor.strides[0] * bytes;
    tensor.strides[0] *= -1;
  };
  turn(turned[0]);
  Outcome outcome{.outputs = outputs_of(order, c, turned)};
  AnyTensor output = outcome.outputs[0];
  turn(output);
  outcome.outputs[0] = make_tensor("output", c.dtype, output.shape);
  const auto values = elements<float>(output);
  for_each_element<float>(outcome.outputs[0],
                          [&](float& element, Index at) { element = values[static_cast<std::size_t>(at)]; });
  return outcome;
}

Subject backwards(std::string_view order) {
  return {.name = "mine",
          .run = [order](const Case& c, Tensors in) { return from_the_last(order_named(order), c, in); },
          .order = no_order};
}

TEST(BatchNormOrders, AccuseNobodyWhereNoneExplainsTheBits) {
  int bounded = 0;
  for (const char* text : {"batch_norm2d_n6_c5_i9x11_train_affine_f32_real_seed3",
                           "batch_norm2d_n6_c5_i9x11_train_affine_stats_f32_real_seed4",
                           "batch_norm2d_n6_c50_i3_train_affine_stats_f32_special_seed4",
                           "batch_norm1d_n5_c9_train_affine_stats_f32_integer_seed4"}) {
    const Result result = judge(parse(text), backwards("sums_in_type"));
    EXPECT_TRUE(passes(result.verdict)) << text << ": " << result.reason;
    bounded += result.verdict == Verdict::bounded;
    EXPECT_EQ(result.algorithm, result.verdict == Verdict::bounded ? "two-pass" : "");
  }
  EXPECT_GE(bounded, 3);
}

TEST(BatchNormOrders, TellWhatToDeclareWhereOnePassCancels) {
  const Case c = parse("batch_norm1d_n3_c60_train_stats_f32_wide_seed1");
  Subject subject = backwards("one_pass_type_centered");
  Result result = judge(c, subject);
  ASSERT_EQ(result.verdict, Verdict::wrong);
  explain(result, subject);
  EXPECT_TRUE(result.declare.ends_with("declare it with --variance one-pass")) << result.declare;
  subject.declared.algorithms = {"one-pass"};
  result = judge(c, subject);
  EXPECT_EQ(result.verdict, Verdict::bounded) << result.reason;
  EXPECT_EQ(result.algorithm, "one-pass");
}

TEST(BatchNormOrders, AccuseWhoIsBeyondTheBound) {
  const Case c = parse("batch_norm2d_n6_c5_i9x11_train_affine_f32_real_seed3");
  Subject subject = loops_then("mine", [](const Case&, auto, Outcome& outcome) { set_all(outcome.outputs[0], 1); });
  subject.order = no_order;
  const Result result = judge(c, subject);
  EXPECT_EQ(result.verdict, Verdict::wrong);
  EXPECT_NE(result.reason.find("lie beyond the rounding bound"), std::string::npos) << result.reason;
}

/// A relative error that a bound lets pass is seen on data that are exact.
TEST(BatchNormOrders, NeverStandAlone) {
  Subject subject = loops_then("mine", [](const Case&, auto, Outcome& outcome) {
    for_each_element<float>(outcome.outputs[0], [](float& element, Index) { element *= 1.0000001F; });
  });
  subject.order = no_order;
  const Result result = judge(parse("batch_norm1d_n2_c50_train_affine_f32_real_seed3"), subject);
  EXPECT_EQ(result.verdict, Verdict::wrong);
  EXPECT_NE(result.reason.find("eps0"), std::string::npos) << result.reason;
}

TEST(BatchNormOrders, WrongSizesAreWrongInAnyOrder) {
  const Case c = parse("batch_norm2d_n6_c5_i9x11_train_affine_f32_real_seed3");
  Subject subject = loops_then("mine", [](const Case&, auto, Outcome& outcome) {
    outcome.outputs[0] = make_tensor("output", DType::f32, {6, 5, 9, 10});
  });
  subject.order = no_order;
  EXPECT_EQ(judge(c, subject).verdict, Verdict::wrong);
}

}  // namespace
}  // namespace refloop
