// A failure tells its story: the smallest case that still fails, and the known mistake with the same bits.
#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>

#include "check/diagnosis.h"
#include "check/subjects.h"

namespace refloop {
namespace {

std::string first_of(const std::vector<std::string>& names) {
  return names.empty() ? "" : names[0];
}

Result diagnosed(const char* text, const Subject& subject) {
  Result result = judge(parse(text), subject);
  EXPECT_TRUE(fails(result.verdict)) << text;
  diagnose(result, subject);
  return result;
}

struct Story {
  const char *mistake, *text, *smallest;
};
void PrintTo(const Story& story, std::ostream* out) {
  *out << story.mistake << " on " << story.text;
}

class Smallest : public testing::TestWithParam<Story> {};
TEST_P(Smallest, CaseIsWhatOneWouldWriteByHand) {
  const auto& [name, text, smallest] = GetParam();
  const Result result = diagnosed(text, wrong_kernel(mistake_of(family::conv, name)));
  EXPECT_EQ(result.smallest, smallest);
  EXPECT_EQ(first_of(result.explained_by), name);
}
INSTANTIATE_TEST_SUITE_P(
    Conv, Smallest,
    testing::Values(Story{"dilation_ignored", "conv2d_n2_c6_i17x19_o4_k3_s2x1_p1x0_d2_g2_bias_f64_real_seed77",
                          "conv1d_i3_k2_d2_f64_coded_seed0"},
                    Story{"bias_forgotten", "conv3d_n2_c4_i6x7x5_o6_k2_p1_g2_bias_channelslast_f32_integer_seed9",
                          "conv1d_i1_k1_bias_f32_integer_seed0"},
                    Story{"stride_of_first_axis", "conv2d_n3_c3_i12x14_o4_k3x2_s2x3_p1_f32_real_seed5",
                          "conv2d_i1_k1_s1x2_p0x1_f32_coded_seed0"},
                    Story{"first_image_for_all", "conv1d_n5_c4_i30_o8_k5_s2_p2_g2_f32_wide_seed3",
                          "conv1d_n2_i1_k1_f32_coded_seed0"},
                    Story{"groups_by_modulo", "conv2d_n2_c8_i9_o8_k3_g4_bias_f32_integer_seed12",
                          "conv1d_c2_i1_o4_k1_g2_f32_coded_seed0"}),
    [](const auto& named) { return std::string(named.param.mistake); });

/// The smallest case is one of which every further step passes.
TEST(Diagnose, EndsWhereEveryFurtherStepPasses) {
  for (const Family* family : {&family::conv, &family::max_pool, &family::avg_pool}) {
    for (const Way& mistake : family->mistakes) {
      const Subject subject = wrong_kernel(mistake);
      for (std::uint64_t index = 0; index < 400; ++index) {
        Result result = judge(sample(*family, 3, index), subject);
        if (result.verdict != Verdict::wrong) continue;
        diagnose(result, subject);
        const Case smallest = parse(result.smallest);
        for (const Case& step : steps_down(smallest)) {
          const bool as_large = family->work(step) > std::max<Index>(family->work(result.subject_case), 100'000);
          EXPECT_TRUE(as_large || judge(step, subject).verdict != Verdict::wrong)
              << mistake.name << ": " << result.smallest << " is not the smallest: " << to_text(step);
        }
        break;
      }
    }
  }
}

TEST(Diagnose, LeavesOneProductWhereNoCodesTell) {
  // Wrong where weights are wide: the code's single weight of 1 hides it.
  const Subject subject = loops_then("mine", [](const Case&, Tensors inputs, Outcome& outcome) {
    const auto weights = elements<float>(inputs[1]);
    if (std::any_of(weights.begin(), weights.end(), [](float weight) { return std::abs(weight) > 1; })) {
      for_each_element<float>(outcome.outputs[0], [](float& element, Index) { element += 1; });
    }
  });
  const Result result = diagnosed("conv2d_n2_c4_i9_o4_k3_g2_bias_f32_integer_seed4", subject);
  const Case smallest = parse(result.smallest);
  Prepared prepared(smallest);
  Index products = 0;
  for (const float weight : elements<float>(prepared.inputs()[1])) products += weight != 0;
  EXPECT_EQ(products, 1) << result.smallest;
  EXPECT_TRUE(result.picture.find("EXPECTED OUTPUT") != std::string::npos) << result.picture;
}

TEST(Diagnose, NamesNothingThatGivesOtherBits) {
  const Subject adds_one = loops_then("mine", [](const Case& c, auto, Outcome& outcome) {
    dispatch(c.dtype, [&]<class T>() {
      for_each_element<T>(outcome.outputs[0], [](T& element, Index) { element = static_cast<T>(element + T{1}); });
    });
  });
  const Result result = diagnosed("conv2d_n2_c8_i9_o8_k3_g4_bias_f32_integer_seed12", adds_one);
  EXPECT_EQ(first_of(result.explained_by), "");
  EXPECT_EQ(result.smallest, "conv1d_i1_k1_f32_coded_seed0");
}

/// The subject promises LibTorch's order on channels_last memory; every mistake is looked for in that order too.
TEST(Diagnose, KnowsAMistakeInEveryOrder) {
  const auto named = [](const char* text, const Way& mistake) {
    return first_of(diagnosed(text, wrong_kernel(mistake, promised_order)).explained_by);
  };
  for (const char* text :
       {"conv2d_c4_i6_o6_k3_g2_bias_f32_real_seed1", "conv2d_c4_i6_o6_k3_g2_bias_channelslast_f32_real_seed1",
        "conv2d_c8_i19_o4_k3_p1_d2_g2_bias_channelslast_f32_real_seed1"}) {
    for (const char* name : {"bias_within_group", "groups_by_modulo", "first_group_for_all", "kernel_flipped"}) {
      EXPECT_EQ(named(text, mistake_of(family::conv, name)), name) << text;
    }
  }
  EXPECT_EQ(named("conv2d_c9_i19_o4_k3_d2_channelslast_f32_real_seed1", mistake_of(family::conv, "dilation_ignored")),
            "dilation_ignored");
  EXPECT_EQ(named("avg_pool2d_n2_c3_i9_k3_p1_channelslast_f32_real_seed1",
                  mistake_of(family::avg_pool, "multiplies_by_reciprocal")),
            "multiplies_by_reciprocal");
  EXPECT_EQ(named("batch_norm2d_n4_c3_i5x6_train_affine_channelslast_f32_real_seed3",
                  mistake_of(family::batch_norm, "unbiased_variance_normalizes")),
            "unbiased_variance_normalizes");
}

/// On channels_last memory the mistakes' sums must not be the header's: other bits would name nothing.
TEST(Diagnose, MakesMistakesInTheOrderThatIsPromised) {
  const Case c = parse("conv2d_c4_i6_o6_k3_g2_bias_channelslast_f32_real_seed1");
  const Way& mistake = mistake_of(family::conv, "bias_within_group");
  const auto inputs = c.family->inputs(c);
  EXPECT_NE(digest(outputs_of(mistake, c, *channels_last_order(c), inputs)),
            digest(outputs_of(mistake, c, *contiguous_order(c), inputs)));
}

TEST(Diagnose, NamesNoMistakeForOtherNans) {
  const Subject subject = loops_then("mine", [](const Case&, auto, Outcome& outcome) {
    for_each_element<float>(outcome.outputs[0], [](float& element, Index) {
      if (element != element) element = -element;
    });
  });
  const Result result = diagnosed("max_pool2d_n2_c3_i12_k2_f32_wild_seed1", subject);
  EXPECT_EQ(first_of(result.explained_by), "");
}

TEST(Diagnose, EndsOnAKernelThatIsAlwaysWrongAndKeepsTheVerdict) {
  std::atomic<int> runs = 0;
  const Subject always{"mine",
                       [&](const Case&, Tensors) {
                         ++runs;
                         return Outcome{.outputs = {}, .instead = Verdict::wrong, .reason = "always"};
                       },
                       promised_order};
  const Result result = diagnosed("conv3d_n3_c8_i12x10x9_o8_k3x2x4_s2_p1_d2_g4_bias_strided_f64_real_seed999", always);
  EXPECT_LT(runs, 1'000);
  EXPECT_EQ(result.verdict, Verdict::wrong);
  EXPECT_EQ(result.reason, "always");
  EXPECT_EQ(result.smallest, "conv1d_i1_k1_f64_coded_seed0");
}

TEST(Diagnose, ShrinksOnlyToCasesThatFailTheSameWay) {
  // Wrong on large inputs only; writes into its input on small ones.
  const Subject subject = loops_then("mine", [](const Case& c, Tensors inputs, Outcome& outcome) {
    if (c.input[0] >= 7) set_all(outcome.outputs[0], 5);
    if (c.input[0] < 5) set_all(inputs[0], 5);
  });
  const Result result = diagnosed("conv1d_c2_i12_o3_k2_f32_integer_seed4", subject);
  EXPECT_EQ(result.verdict, Verdict::wrong);
  EXPECT_EQ(parse(result.smallest).input[0], 7);
  EXPECT_EQ(judge(parse(result.smallest), subject).verdict, Verdict::wrong);
}

TEST(Diagnose, ShrinksWhatWritesIntoItsInputToo) {
  const Subject subject = loops_then("mine", [](const Case& c, Tensors inputs, Outcome&) {
    if (c.bias) set_all(inputs[2], 3);
  });
  const Result result = diagnosed("conv2d_n2_c4_i9_o4_k3_g2_bias_f32_real_seed4", subject);
  EXPECT_EQ(result.verdict, Verdict::outside);
  EXPECT_EQ(result.smallest, "conv1d_i1_k1_bias_f32_coded_seed0");
  EXPECT_EQ(first_of(result.explained_by), "");
}

}  // namespace
}  // namespace refloop
