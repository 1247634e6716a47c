// Which known mistake the failures of a subject look like, all together.
#include "check/story.h"

#include <gtest/gtest.h>

namespace refloop {
namespace {

Result failure_on(Data data, std::vector<std::string> explained_by) {
  Result failure;
  failure.subject_case = parse("conv2d_i5_k3_f32_seed1");
  failure.subject_case.data = data;
  failure.subject = "mine";
  failure.verdict = Verdict::wrong;
  failure.explained_by = std::move(explained_by);
  return failure;
}

TEST(Likenesses, NameTheMistakeThatAllFailuresLookLike) {
  const Result flipped = failure_on(Data::integer, {"kernel_flipped", "kernel_transposed"});
  Likenesses likenesses;
  likenesses.add(flipped);
  likenesses.add(failure_on(Data::wide, {"kernel_transposed"}));
  EXPECT_EQ(likenesses.looks_like(flipped), "kernel_transposed");
  likenesses.add(failure_on(Data::real, {}));
  EXPECT_EQ(likenesses.looks_like(flipped), "");
}

/// Beside a mistake special data differ legally, and then have other bits than the mistake alone.
TEST(Likenesses, TakeSpecialDataThatNothingExplainsForNoObjection) {
  const Result flipped = failure_on(Data::integer, {"kernel_flipped"});
  Likenesses likenesses;
  likenesses.add(flipped);
  likenesses.add(failure_on(Data::special, {}));
  EXPECT_EQ(likenesses.looks_like(flipped), "kernel_flipped");
  likenesses.add(failure_on(Data::special, {"bias_forgotten"}));
  EXPECT_EQ(likenesses.looks_like(flipped), "");
}

TEST(Likenesses, NameWhatShowsOnSpecialDataAlone) {
  const Result lost = failure_on(Data::special, {"nan_ignored"});
  Likenesses likenesses;
  likenesses.add(failure_on(Data::special, {}));
  likenesses.add(lost);
  EXPECT_EQ(likenesses.looks_like(lost), "nan_ignored");
}

TEST(Likenesses, LeaveOutWhatRoundingMayExplain) {
  Result rounded = failure_on(Data::real, {});
  rounded.by_rounding = true;
  const Result flipped = failure_on(Data::integer, {"kernel_flipped"});
  Likenesses likenesses;
  likenesses.add(rounded);
  likenesses.add(flipped);
  EXPECT_EQ(likenesses.looks_like(flipped), "kernel_flipped");
}

}  // namespace
}  // namespace refloop
