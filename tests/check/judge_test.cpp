// What each verdict takes, and what a failure tells.
#include <gtest/gtest.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <stdexcept>

#include "check/processor_state.h"
#include "check/subjects.h"

namespace refloop {
namespace {

Case integers() {
  return parse("conv2d_c2_i4x5_o3_k2x3_f32_integer_seed1");
}  // output 1x3x3x3

Result judged(const char* text, Spoil spoil) {
  return judge(parse(text), loops_then("mine", std::move(spoil)));
}

float& output_at(Outcome& outcome, std::size_t position) {
  return static_cast<float*>(outcome.outputs[0].data)[position];
}

TEST(Judge, IsExactWhereEveryBitIsEqual) {
  const Result result = judge(integers(), right_kernel());
  EXPECT_EQ(result.verdict, Verdict::exact);
  EXPECT_EQ(result.subject, "right");
  EXPECT_EQ(result.compared, 27);
  EXPECT_EQ(result.differing, 0);
  EXPECT_EQ(result.reason, "");
  EXPECT_FALSE(result.first);
}

TEST(Judge, ComparesElementsWhateverTheStridesOfTheAnswer) {
  const Result result = judged("conv2d_c2_i4x5_o3_k2x3_f32_integer_seed1", [](const Case&, auto, Outcome& outcome) {
    const auto values = elements<float>(outcome.outputs[0]);
    AnyTensor moved = make_tensor("output", DType::f32, outcome.outputs[0].shape, {Layout::channels_last});
    for_each_element<float>(moved, [&](float& element, Index at) { element = values[static_cast<std::size_t>(at)]; });
    outcome.outputs[0] = moved;
  });
  EXPECT_EQ(result.verdict, Verdict::exact);
}

TEST(Judge, TellsTheFirstDifferenceHowManyAndWhere) {
  const Case c = parse("conv2d_c2_i4x5_o3_k2x3_f32_coded");
  const auto expected = elements<float>(outputs_of(*contract(c), c, c.family->inputs(c))[0]);
  const Result result = judge(c, loops_then("mine", [](const Case&, auto, Outcome& outcome) {
                                output_at(outcome, 11) = 0.1F;  // channel 1, row 0, column 2
                                output_at(outcome, 14) = -2;    // channel 1, row 1, column 2
                              }));
  EXPECT_EQ(result.verdict, Verdict::wrong);
  EXPECT_EQ(result.compared, 27);
  EXPECT_EQ(result.differing, 2);
  ASSERT_TRUE(result.first);
  EXPECT_EQ(result.first->output, "output");
  EXPECT_EQ(result.first->at, (std::vector<Index>{0, 1, 0, 2}));
  EXPECT_EQ(result.first->expected, std::to_string(static_cast<int>(expected[11])));
  EXPECT_EQ(result.first->got, "0.1");
  EXPECT_EQ(result.first->got_bits, "0x3dcccccd");
  EXPECT_EQ(result.where, "only at c = 1 of 0..2; y = 0..1 of 0..2; x = 2 of 0..2; all of them on the border");
  EXPECT_EQ(result.reason, "2 of 27 elements differ, " + result.where);
}

TEST(Judge, SaysWhereAllOutputsAreZero) {
  const Result result = judged("conv2d_c2_i4x5_o3_k2x3_f32_coded",
                               [](const Case&, auto, Outcome& outcome) { set_all(outcome.outputs[0], 0); });
  EXPECT_EQ(result.where, "spread over every index of every axis; all outputs are zero");
}

TEST(Judge, TakesWhatASubjectThrowsForItsOwnCrash) {
  const Result result =
      judged("conv1d_i6_k3", [](const Case&, auto, Outcome&) { throw std::runtime_error("no memory"); });
  EXPECT_EQ(result.verdict, Verdict::crashed);
  EXPECT_EQ(result.reason, "threw: no memory");
}

TEST(Judge, RestoresAnInputThatASubjectWroteInto) {
  Prepared prepared(parse("conv1d_i6_k3_bias_offset3"));
  const Subject writer = loops_then("writer", [](const Case&, Tensors inputs, Outcome&) {
    static_cast<float*>(inputs[0].data)[-1] = 1;  // before its first element
  });
  EXPECT_EQ(judge(prepared, writer).verdict, Verdict::outside);
  EXPECT_EQ(judge(prepared, right_kernel()).verdict, Verdict::exact);
}

TEST(Judge, SeesOneBitOfOneElementAnywhere) {
  for (std::size_t position = 0; position < 27; ++position) {
    const Result result = judge(integers(), loops_then("mine", [&](const Case&, auto, Outcome& outcome) {
                                  float& element = output_at(outcome, position);
                                  element = std::nextafter(element, 1e9F);
                                }));
    EXPECT_EQ(result.verdict, Verdict::wrong) << position;
    EXPECT_EQ(result.differing, 1);
  }
}

TEST(Judge, TakesMinusZeroForAnotherNumberThanZero) {
  // The padding corner of a 1x1 kernel: 0 exactly.
  const Result result = judged("conv1d_i6_k1_p1_f32_integer_seed1", [](const Case&, auto, Outcome& outcome) {
    ASSERT_EQ(std::bit_cast<std::uint32_t>(output_at(outcome, 0)), 0u);
    output_at(outcome, 0) = -0.0F;
  });
  EXPECT_EQ(result.verdict, Verdict::wrong);
  ASSERT_TRUE(result.first);
  EXPECT_EQ(result.first->expected, "0");
  EXPECT_EQ(result.first->got, "-0");
  EXPECT_EQ(result.first->got_bits, "0x80000000");
}

/// Every NaN becomes another NaN.
void change_nans(const Case&, Tensors, Outputs outputs, std::uint32_t changed_bits) {
  for_each_element<float>(outputs[0], [&](float& element, Index) {
    if (std::isnan(element)) element = std::bit_cast<float>(std::bit_cast<std::uint32_t>(element) ^ changed_bits);
  });
}
void other_nans(const Case& c, Tensors inputs, Outcome& outcome) {
  change_nans(c, inputs, outcome.outputs, 0x80000123U);
}

TEST(Judge, TakesAnyNanForAnyOtherWhereNansAreComputed) {
  const Case c = parse("conv1d_c2_i60_k2_f32_wild_seed3");
  const auto outputs = elements<float>(outputs_of(*contract(c), c, c.family->inputs(c))[0]);
  ASSERT_TRUE(std::any_of(outputs.begin(), outputs.end(), [](float value) { return std::isnan(value); }));
  EXPECT_EQ(judge(c, loops_then("mine", other_nans)).verdict, Verdict::exact);
}

TEST(Judge, CountsNanPayloadsWhereNansAreCopied) {
  for (const Family* family : families) {
    if (!family->copies_values) continue;
    for (std::uint64_t index = 0;; ++index) {
      Case c = sample(*family, 41, index);
      c.data = Data::wild;
      c.dtype = DType::f32;
      c.x = c.w = c.y = {};
      const auto outputs = elements<float>(outputs_of(*promised_order(c), c, c.family->inputs(c))[0]);
      if (std::none_of(outputs.begin(), outputs.end(), [](float value) { return std::isnan(value); })) continue;
      EXPECT_EQ(judge(c, loops_then("mine", other_nans)).verdict, Verdict::wrong) << to_text(c);
      break;
    }
  }
}

TEST(Judge, IsWeakWhereAlmostAllOutputsAreZero) {
  // One filter over one input of zeros: what is equal says nothing.
  const Spoil zeros = [](const Case&, Tensors, Outcome& outcome) { set_all(outcome.outputs[0], 0); };
  const Case weak = parse("conv1d_n1_i1_k1_p90_f32_integer");  // one output of 181 is not padding
  const Result right = judge(weak, right_kernel());
  EXPECT_EQ(right.verdict, Verdict::weak);
  EXPECT_EQ(right.differing, 0);
  EXPECT_NE(right.reason, "");
  EXPECT_FALSE(passes(right.verdict));
  EXPECT_FALSE(fails(right.verdict));
  EXPECT_EQ(judge(weak, loops_then("zeros", zeros)).verdict, Verdict::wrong) << "weak cases still count differences";
  EXPECT_EQ(judge(integers(), loops_then("zeros", zeros)).verdict, Verdict::wrong);
}

TEST(Judge, IsWeakFromSixtyThreeZerosInSixtyFour) {
  EXPECT_EQ(judge(parse("conv1d_i1_k1_p31_q32_f32_coded"), right_kernel()).verdict, Verdict::weak);
  EXPECT_EQ(judge(parse("conv1d_i1_k1_p31_f32_coded"), right_kernel()).verdict, Verdict::exact) << "62 in 63";
}

TEST(Judge, IsWeakWhereAlmostAllOutputsAreNan) {
  // Long sums over special data: each meets a NaN.
  const Result result = judge(parse("conv2d_c9_i20_o4_k20_f32_wild_seed1"), right_kernel());
  ASSERT_EQ(result.differing, 0);
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    Case c = parse("conv2d_i2_k2_f32_wild");  // a single output
    c.seed = seed;
    const auto outputs = elements<float>(outputs_of(*contract(c), c, c.family->inputs(c))[0]);
    EXPECT_EQ(judge(c, right_kernel()).verdict == Verdict::weak, std::isnan(outputs[0]) || outputs[0] == 0) << seed;
  }
}

TEST(Judge, SkipsSpecialDataForASubjectThatPromisesNoOrder) {
  Subject subject = right_kernel();
  subject.order = no_order;
  subject.run = [](const Case&, Tensors) -> Outcome { throw std::logic_error("not to be run"); };
  for (const char* text :
       {"conv1d_i6_k3_f64_wild", "max_pool1d_i6_k3_f32_wild", "batch_norm1d_n4_c2_i6_train_f32_wild"}) {
    const Result result = judge(parse(text), subject);
    EXPECT_EQ(result.verdict, Verdict::skipped);
    EXPECT_NE(result.reason.find("right promises no order of summation"), std::string::npos) << result.reason;
  }
}

TEST(Judge, ComparesExactDataForASubjectThatPromisesNoOrder) {
  Subject subject = right_kernel();
  subject.order = no_order;
  for (const char* text : {"conv1d_i6_k3_f32_integer", "conv1d_i6_k3_f32_wide_seed1", "conv1d_i9_k3_f64_coded",
                           "conv1d_i6_k3_int32_real"}) {
    EXPECT_EQ(judge(parse(text), subject).verdict, Verdict::exact) << text;
  }
}

/// MKL begins a sum with its first product, so that negative zeros alone stay -0.
TEST(Judge, TakesAnyOfTheFamilysOrdersWhereNoneIsPromised) {
  const Way& from_first = family::conv.orders[2];
  Subject subject{.name = "mkl",
                  .run = [&](const Case& c, Tensors in) { return Outcome{.outputs = outputs_of(from_first, c, in)}; },
                  .order = no_order};
  std::uint64_t in_another_order = 0;
  for (std::uint64_t seed = 0; seed < 50; ++seed) {
    Case c = parse("conv2d_i4_o3_k1_p1_f32_integer");  // padding times a negative weight is -0
    c.seed = seed;
    const Result result = judge(c, subject);
    ASSERT_EQ(result.verdict, Verdict::exact) << to_text(c) << ": " << result.reason;
    if (result.order.empty()) continue;
    ++in_another_order;
    EXPECT_EQ(result.order, "from_first_product");
    subject.order = contract;
    EXPECT_EQ(judge(c, subject).verdict, Verdict::wrong) << "promised is promised";
    subject.order = no_order;
  }
  EXPECT_GT(in_another_order, 10u);
}

TEST(Judge, SkipsWhatASubjectRefuses) {
  const Result result = judged("conv1d_i6_k3", [](const Case&, auto, Outcome& outcome) {
    outcome = {.outputs = {}, .instead = Verdict::skipped, .reason = "no conv1d here"};
  });
  EXPECT_EQ(result.verdict, Verdict::skipped);
  EXPECT_EQ(result.reason, "no conv1d here");
}

TEST(Judge, IsWrongWhereASubjectFails) {
  const Result result = judged("conv1d_i6_k3", [](const Case&, auto, Outcome& outcome) {
    outcome = {.outputs = {}, .instead = Verdict::wrong, .reason = "error 7"};
  });
  EXPECT_EQ(result.verdict, Verdict::wrong);
  EXPECT_EQ(result.reason, "error 7");
}

TEST(Judge, IsOutsideWhereAnInputIsWrittenTo) {
  for (const char* text : {"conv1d_i6_k3_bias", "conv1d_i6_k3_bias_strided"}) {
    for (std::size_t which = 0; which < 3; ++which) {
      const Result result =
          judged(text, [&](const Case&, Tensors inputs, Outcome&) { static_cast<char*>(inputs[which].data)[0] ^= 1; });
      EXPECT_EQ(result.verdict, Verdict::outside);
      constexpr std::string_view names[] = {"input", "weight", "bias"};
      EXPECT_EQ(result.reason, "wrote into its input " + std::string(names[which]));
    }
  }
}

TEST(Judge, IsOutsideWhereTheGapsOfAnInputAreWrittenTo) {
  const Result result = judged("conv1d_i6_k3_strided", [](const Case&, Tensors inputs, Outcome&) {
    static_cast<float*>(inputs[0].data)[1] = 0;  // between two elements of a row
  });
  EXPECT_EQ(result.verdict, Verdict::outside);
}

TEST(Judge, IsWrongOnOtherSizesTypesOrNumbersOfOutputs) {
  const auto answer = [](DType dtype, std::vector<Index> shape) {
    return judged("conv2d_c2_i4x5_o3_k2x3", [&](const Case&, auto, Outcome& outcome) {
      outcome.outputs = {make_tensor("output", dtype, shape)};
    });
  };
  const Result sizes = answer(DType::f32, {1, 3, 3, 4});
  EXPECT_EQ(sizes.verdict, Verdict::wrong);
  EXPECT_EQ(sizes.reason, "output is 1x3x3x4 f32; 1x3x3x3 f32 is due; x: floor((5 + 0 + 0 - 3) / 1) + 1 = 3");
  EXPECT_EQ(answer(DType::f32, {1, 3, 9}).reason, "output is 1x3x9 f32; 1x3x3x3 f32 is due");
  EXPECT_EQ(answer(DType::f64, {1, 3, 3, 3}).reason, "output is 1x3x3x3 f64; 1x3x3x3 f32 is due");
  EXPECT_EQ(answer(DType::int32, {1, 3, 3, 3}).verdict, Verdict::wrong);

  const Result none = judged("conv2d_i4_k2", [](const Case&, auto, Outcome& outcome) { outcome.outputs.clear(); });
  EXPECT_EQ(none.verdict, Verdict::wrong);
  EXPECT_EQ(none.reason, "gave 0 outputs; 1 are due");
  const Result two = judged("conv2d_i4_k2",
                            [](const Case&, auto, Outcome& outcome) { outcome.outputs.push_back(outcome.outputs[0]); });
  EXPECT_EQ(two.verdict, Verdict::wrong);
}

TEST(Judge, IsExactOnEmptyOutputsOfTheRightSizes) {
  const char* const empty = "conv2d_n0_c2_i4x5_o3_k2x3";
  EXPECT_EQ(judge(parse(empty), right_kernel()).verdict, Verdict::exact);
  const Result without_memory = judged(empty, [](const Case&, auto, Outcome& outcome) {
    outcome.outputs[0].memory.reset();
    outcome.outputs[0].data = nullptr;
  });
  EXPECT_EQ(without_memory.verdict, Verdict::exact);
  EXPECT_EQ(without_memory.compared, 0);
  const Result other_sizes = judged(empty, [](const Case&, auto, Outcome& outcome) {
    outcome.outputs[0] = make_tensor("output", DType::f32, {0, 3, 3, 2});
  });
  EXPECT_EQ(other_sizes.verdict, Verdict::wrong);
}

TEST(Judge, SeesAnOutputThatNobodyWrote) {
  for (const char* text : {"conv2d_i4_k2_f32_real", "conv2d_i4_k2_f64_wild", "conv2d_i4_k2_int64_integer",
                           "conv2d_i4_k2_int8_integer", "conv2d_i4_k2_uint8_integer"}) {
    const Result result =
        judged(text, [](const Case& c, auto, Outcome& outcome) { outcome.outputs = c.family->outputs(c); });
    EXPECT_EQ(result.verdict, Verdict::wrong) << text;
  }
}

TEST(Judge, RefusesIllegalCasesAndSizesBeyondMemoryBeforeAnyLoop) {
  const auto refusal = [](auto change) {
    Case c = parse("conv3d_i6_k3");
    change(c);
    Subject subject = right_kernel();
    subject.run = [](const Case&, Tensors) -> Outcome { throw std::logic_error("not to be run"); };
    subject.order = no_order;
    return complaint([&] { judge(c, subject); });
  };
  constexpr Index most = 2147483647;
  EXPECT_EQ(refusal([](Case& c) { c.dilation[1] = 0; }),
            "conv3d: dilation takes 1 to 2147483647 on every axis, not 1x0x1");
  EXPECT_EQ(refusal([](Case& c) { c.groups = 0; }),
            "conv3d: g (groups) takes a number that divides both c and o, 1 and 1, not 0");
  const std::string too_many = " has more elements than the 268435456 that a case may have";
  EXPECT_EQ(refusal([](Case& c) { c.input = {4000, 4000, 4000}; }), "input of 1x1x4000x4000x4000" + too_many);
  EXPECT_EQ(refusal([](Case& c) {
              c.channels = c.out_channels = most;
              c.input = c.kernel = {most, most, most};
            }),
            "conv3d: input of 1x2147483647x2147483647x2147483647x2147483647 has more elements than 64 bits count");
  EXPECT_EQ(refusal([](Case& c) {
              c.before = c.after = {most, most, most};
            }),
            "output of 1x1x4294967298x4294967298x4294967298" + too_many);
}

/// Where no order is promised the sign of a zero sum is forgiven, and nothing else is.
TEST(Judge, ForgivesTheSignOfAZeroWhereNoOrderIsPromised) {
  Subject subject = loops_then("mine", [](const Case&, auto, Outcome& outcome) {
    ASSERT_EQ(output_at(outcome, 0), 0);
    output_at(outcome, 0) = -0.0F;
    output_at(outcome, 7) = -0.0F;
  });
  const Case c = parse("conv1d_i6_k1_p1_f32_coded");
  EXPECT_EQ(judge(c, subject).verdict, Verdict::wrong) << "promised is promised";
  subject.order = no_order;
  const Result result = judge(c, subject);
  EXPECT_EQ(result.verdict, Verdict::exact) << result.reason;
  EXPECT_EQ(result.forgiven, (std::map<std::string, Index>{{"sign of a zero", 2}}));
  subject.run = loops_then("mine", [](const Case&, auto, Outcome& outcome) { output_at(outcome, 0) = 1e-45F; }).run;
  EXPECT_EQ(judge(c, subject).verdict, Verdict::wrong) << "a subnormal is no zero";
}

TEST(Judge, SeesThatTheProcessorWasLeftRoundingOtherwise) {
  const auto leaves = [](ProcessorState state) {
    return loops_then("mine", [state](const Case&, auto, Outcome&) { state.apply(); });
  };
  const Case c = parse("conv1d_i6_k3_f32_wild_seed4");
  const std::pair<ProcessorState, const char*> states[] = {
      {{.mxcsr = 0x1F80 | 0x8000}, "left the processor with flush-to-zero"},
      {{.mxcsr = 0x1F80 | 0x0040}, "left the processor with denormals-are-zeros"},
      {{.mxcsr = 0x1F80 | 0x4000}, "left the processor with rounding upward"},
      {{.mxcsr = 0x1F80, .x87 = 0x027F}, "left the processor with x87 control word 0x027f"}};
  for (const auto& [state, reason] : states) {
    const Result result = judge(c, leaves(state));
    EXPECT_EQ(result.verdict, Verdict::outside);
    EXPECT_EQ(result.reason, reason);
    EXPECT_EQ(ProcessorState::now(), ProcessorState{}) << "it is put right for the next case";
  }
}

TEST(Judge, ComputesItsReferenceAsAProgramStarts) {
  const Case c = parse("conv1d_c9_i40_k3_f32_real_seed4");
  const std::uint64_t bits = judge(c, right_kernel()).bits;
  constexpr ProcessorState upward{.mxcsr = 0x1F80 | 0x4000};  // left by somebody before
  upward.apply();
  const Result result = judge(c, right_kernel());
  EXPECT_EQ(ProcessorState::now(), upward) << "the caller's own rounding is left as it was";
  ProcessorState{}.apply();
  EXPECT_EQ(result.verdict, Verdict::exact);
  EXPECT_EQ(result.bits, bits);
}

TEST(Judge, RunsAWrongSubjectAgainAndCallsItUnstableWhereTheBitsAreOthers) {
  int calls = 0;
  const auto every = [&](int nth) {
    return loops_then("mine", [&calls, nth](const Case&, auto, Outcome& outcome) {
      if (++calls % nth == 0) set_all(outcome.outputs[0], calls);
    });
  };
  const Case c = parse("conv1d_i6_k3_f32_integer_seed4");
  EXPECT_EQ(judge(c, every(1)).verdict, Verdict::unstable) << "wrong twice, in different ways";
  EXPECT_EQ(calls, 2);
  calls = 1;
  const Result result = judge(c, every(2));
  EXPECT_EQ(result.verdict, Verdict::unstable) << "wrong, then right";
  EXPECT_TRUE(result.reason.ends_with("; run again elsewhere in memory, the bits are others")) << result.reason;
}

TEST(Judge, IsWrongOnAnswersThatCannotBeRead) {
  const auto reason = [](void (*spoil)(AnyTensor&)) {
    const Result result =
        judged("conv2d_c2_i4x5_o3_k2x3", [spoil](const Case&, auto, Outcome& outcome) { spoil(outcome.outputs[0]); });
    EXPECT_EQ(result.verdict, Verdict::wrong);
    return result.reason;
  };
  EXPECT_EQ(reason([](AnyTensor& answer) { answer.data = nullptr; }), "output has no memory");
  EXPECT_EQ(reason([](AnyTensor& answer) { answer.strides.clear(); }), "output has 0 strides for 4 axes");
  EXPECT_EQ(reason([](AnyTensor& answer) { answer.strides.pop_back(); }), "output has 3 strides for 4 axes");
  EXPECT_EQ(reason([](AnyTensor& answer) { answer.strides[3] = Index{1} << 40; }),
            "output has strides 27x9x3x1099511627776 that lead out of its memory");
  EXPECT_EQ(reason([](AnyTensor& answer) { answer.strides[1] = Index{1} << 62; }),
            "output has strides 27x4611686018427387904x3x1 that leave all memory");
  EXPECT_EQ(reason([](AnyTensor& answer) { answer.dtype = static_cast<DType>(77); }), "output has no element type");
}

TEST(Judge, ComparesNothingThatTheFamilyHasNoLoopsFor) {
  Case c = parse("batch_norm2d_n2_c3_i4_train");
  c.dtype = DType::int8;
  EXPECT_EQ(complaint([&] { judge(c, right_kernel()); }), "batch_norm2d has no loops for int8");
}

/// Bytes are not elements: memory that equals the dense reference's, read with other strides, is another answer.
TEST(Judge, ReadsAnAnswerByItsStrides) {
  const Result result = judged("conv2d_c2_i4x5_o3_k2x3_f32_coded", [](const Case&, auto, Outcome& outcome) {
    outcome.outputs[0].strides = strides_of(outcome.outputs[0].shape, Layout::channels_last);
  });
  EXPECT_EQ(result.verdict, Verdict::wrong);
}

TEST(Judge, SeesTheLastElementOfAStridedInputChange) {
  const Result result = judged("conv1d_c2_i6_k3_xstrided", [](const Case&, Tensors inputs, Outcome&) {
    static_cast<float*>(inputs[0].data)[memory_span(inputs[0]) - 1] += 1;
  });
  EXPECT_EQ(result.verdict, Verdict::outside);
}

TEST(Judge, TellsTheFirstOfSeveralWrongOutputsAndCountsThemAll) {
  const Result result = judged("max_pool1d_i6_k2_indices_f32_coded", [](const Case&, auto, Outcome& outcome) {
    set_all(outcome.outputs[0], -1);
    set_all(outcome.outputs[1], 77);
  });
  ASSERT_TRUE(result.first);
  EXPECT_EQ(result.first->output, "output");
  EXPECT_EQ(result.compared, 6);
  EXPECT_EQ(result.differing, 6);
}

/// Where payloads count, a bug that gives another NaN accounts for nothing.
TEST(Judge, ComparesPayloadsOfNamedBugsToo) {
  static constexpr Way other_nans{.name = "other_nans",
                                  .says = "NaNs lose their payload",
                                  .source = "this test",
                                  .run = [](const Case& c, const Way& right, Tensors in, Outputs out) {
                                    right(c, in, out);
                                    change_nans(c, in, out, 0x00000001U);
                                  }};
  const Case c = parse("max_pool1d_n2_c3_i60_k2_f32_wild_seed1");
  Subject subject = loops_then("mine", [](const Case& each, Tensors in, Outcome& outcome) {
    change_nans(each, in, outcome.outputs, 0x00000002U);
  });
  subject.bugs = [](const Case&) { return std::span(&other_nans, 1); };
  EXPECT_EQ(judge(c, subject).verdict, Verdict::wrong);
  subject.run = loops_then("mine", [](const Case& each, Tensors in, Outcome& outcome) {
                  change_nans(each, in, outcome.outputs, 0x00000001U);
                }).run;
  EXPECT_EQ(judge(c, subject).verdict, Verdict::skipped);
}

TEST(Judge, SkipsWhatANamedBugOfTheSubjectAccountsForInEveryBitAndNothingElse) {
  const Way& by_modulo = mistake_of(family::conv, "groups_by_modulo");
  Subject subject = wrong_kernel(by_modulo);
  const Case c = parse("conv2d_c4_i5_o8_k3_g2");
  EXPECT_EQ(judge(c, subject).verdict, Verdict::wrong);

  subject.bugs = [&](const Case&) { return std::span(&by_modulo, 1); };
  const Result accounted = judge(c, subject);
  EXPECT_EQ(accounted.verdict, Verdict::skipped);
  EXPECT_EQ(accounted.reason, by_modulo.says);

  const Way& other = mistake_of(family::conv, "first_group_for_all");
  subject.bugs = [&](const Case&) { return std::span(&other, 1); };
  EXPECT_EQ(judge(c, subject).verdict, Verdict::wrong) << "another bug explains nothing";
}

}  // namespace
}  // namespace refloop
