// A subject as its own oracle: what its bits hang on is named, and nothing is said of a subject whose bits hang on
// nothing.
#include "check/invariance.h"

#include <gtest/gtest.h>

#include "check/subjects.h"

namespace refloop {
namespace {

Result judged(const Case& c, const Subject& subject) {
  Prepared prepared(c);
  return judge_invariance(prepared, subject);
}

/// The loops, with the first output a little off where `is_off` says so.
Subject off_where(const std::function<bool(const Case&, Tensors)>& is_off) {
  Subject subject = right_kernel();
  subject.takes_any_start = subject.takes_gaps = true;
  subject.run = [right = subject.run, is_off](const Case& c, Tensors inputs) {
    Outcome outcome = right(c, inputs);
    if (is_off(c, inputs)) {
      for_each_element<float>(outcome.outputs[0], [](float& element, Index at) { element += at == 0 ? 1.0F : 0.0F; });
    }
    return outcome;
  };
  return subject;
}

const Case usual = parse("conv2d_n3_c4_i6_o2_k3_p1_bias_f32_real_seed5");

TEST(Invariance, OfTheLoopsHolds) {
  for (const Family* family : families) {
    for (std::uint64_t index = 0; index < 100; ++index) {
      const Case c = sample(*family, 41, index);
      const Result result = judged(c, off_where([](const Case&, Tensors) { return false; }));
      ASSERT_EQ(result.verdict, Verdict::exact) << to_text(c) << ": " << result.reason;
    }
  }
}

TEST(Invariance, NamesTheImageWhoseBitsAreOthersAlone) {
  const Result result = judged(usual, off_where([](const Case& c, Tensors) { return c.batch == 1; }));
  EXPECT_EQ(result.verdict, Verdict::unstable);
  EXPECT_TRUE(result.reason.starts_with("image 0 alone: 1 of 72 elements differ")) << result.reason;
  EXPECT_NE(result.reason.find("image 2 alone"), std::string::npos);
  ASSERT_TRUE(result.first);
  EXPECT_EQ(result.first->at, (std::vector<Index>{0, 0, 0, 0}));
}

TEST(Invariance, NamesTensorsThatBeginElsewhereAndSlices) {
  const auto reason = [](const std::function<bool(const Case&, Tensors)>& is_off) {
    return judged(usual, off_where(is_off)).reason;
  };
  EXPECT_TRUE(reason([](const Case& c, Tensors) {
                return c.x.offset == 3;
              }).starts_with("tensors that begin 3 elements further on: 1 of 216"));
  EXPECT_TRUE(reason([](const Case& c, Tensors) {
                return c.x.layout == Layout::strided;
              }).starts_with("in a slice of a larger tensor: 1 of 216"));
}

TEST(Invariance, NamesMemoryElsewhere) {
  const auto runs = std::make_shared<int>(0);
  const Result result = judged(usual, off_where([runs](const Case&, Tensors) { return ++*runs == 2; }));
  EXPECT_TRUE(result.reason.starts_with("run again elsewhere in memory: 1 of 216")) << result.reason;
}

TEST(Invariance, NamesTheSubjectsOwnVariations) {
  Subject subject = right_kernel();
  subject.variations.push_back({"with 7 threads", off_where([](const Case&, Tensors) { return true; }).run});
  const Result result = judged(usual, subject);
  EXPECT_EQ(result.verdict, Verdict::unstable);
  EXPECT_TRUE(result.reason.starts_with("with 7 threads: 1 of 216 elements differ")) << result.reason;
}

/// Images of a batch that is trained on meet in its statistics.
TEST(Invariance, OfBatchNormInTrainingAsksForNoImageAlone) {
  const Case c = parse("batch_norm2d_n3_c2_i4_train_affine_f32_real_seed1");
  EXPECT_EQ(judged(c, right_kernel()).verdict, Verdict::exact);
}

TEST(Invariance, OfWhatIsRefusedSaysNothing) {
  Subject subject = right_kernel();
  subject.run = [](const Case&, Tensors) {
    return Outcome{.outputs = {}, .instead = Verdict::skipped, .reason = "no"};
  };
  const Result result = judged(usual, subject);
  EXPECT_EQ(result.verdict, Verdict::skipped);
  EXPECT_EQ(result.reason, "no");
}

TEST(Invariance, IsWhatARunAsksForWhereItIsWanted) {
  const Subject subject = off_where([](const Case& c, Tensors) { return c.batch == 1; });
  EXPECT_EQ(run(std::vector<Case>{usual}, subject)[0].verdict, Verdict::exact);
  EXPECT_EQ(run(std::vector<Case>{usual}, subject, {.invariance = true})[0].verdict, Verdict::unstable);
}

}  // namespace
}  // namespace refloop
