// A shared library as a subject: judged like any other, in as many workers as threads judge.
#include "subjects/library.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "check/suite.h"
#include "subjects/sandbox.h"

namespace refloop::subjects {
namespace {

Subject faulty(const char* fault, const ProcessOptions& options = {}) {
  setenv("REFLOOP_TEST_FAULT", fault, 1);
  return open_library(REFLOOP_FAULTY, options).subject();
}

TEST(Library, IsJudgedBySeveralThreads) {
  const Subject subject = faulty("none");
  std::vector<Case> cases;
  for (std::uint64_t index = 0; index < 400; ++index) {
    cases.push_back(sample(parse_pattern("conv1d_dense_offset0_f32_integer"), 1, index).subject_case());
  }
  const std::vector<Result> results = run(cases, subject, {.jobs = 4});
  ASSERT_EQ(results.size(), cases.size());
  for (const Result& result : results) EXPECT_EQ(result.verdict, Verdict::exact) << to_text(result.subject_case);
}

TEST(Library, ReachesTheEndThoughEveryCaseKillsItsWorker) {
  const Subject subject = faulty("exits");
  const std::vector<Case> cases(100, parse("conv1d_i5_k3"));
  const std::vector<Result> results = run(cases, subject, {.jobs = 2});
  ASSERT_EQ(results.size(), 100U);
  for (const Result& result : results) EXPECT_EQ(result.verdict, Verdict::crashed);
}

TEST(Library, IsNotRunAnyMoreWhenItHasHungAFewTimes) {
  const Subject subject = faulty("hangs", {.time_limit = std::chrono::milliseconds(50)});
  const Case c = parse("conv1d_i5_k3");
  for (int call = 0; call < 3; ++call) EXPECT_EQ(judge(c, subject).verdict, Verdict::hung);
  const Result result = judge(c, subject);
  EXPECT_EQ(result.verdict, Verdict::skipped);
  EXPECT_EQ(result.reason, "not run: 3 calls before did not come back in time");
}

TEST(Library, SkipsOperatorsThatItDoesNotExport) {
  const Result result = judge(parse("conv2d_i5_k3"), faulty("none"));
  EXPECT_EQ(result.verdict, Verdict::skipped);
  EXPECT_EQ(result.reason, "librefloop_subjects_faulty.so has no conv2d");
}

TEST(Library, ShrinksWhatKillsItsWorker) {
  const Subject subject = faulty("reads before input");
  Result result = judge(parse("conv1d_n2_c3_i9_o4_k3_p1_bias_f32_integer_seed3"), subject);
  ASSERT_EQ(result.verdict, Verdict::crashed) << result.reason;
  diagnose(result, subject);
  EXPECT_EQ(result.smallest, "conv1d_i1_k1_f32_coded_seed0");
  EXPECT_TRUE(result.reproduced);
}

TEST(Library, UnderTheSandboxComputesAsEver) {
  if (!can_sandbox()) GTEST_SKIP() << "built without libseccomp";
  const Result result = judge(parse("conv1d_i5_k3"), faulty("none", {.sandbox = true}));
  EXPECT_EQ(result.verdict, Verdict::exact) << result.reason;
}

std::string complaint_of(const std::string& path) {
  try {
    open_library(path);
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

TEST(Library, SaysInOneSentenceWhatIsNoLibrary) {
  EXPECT_EQ(complaint_of("missing.so"), "there is no file missing.so");
  EXPECT_EQ(complaint_of("/"), "/ is a folder; --lib takes a shared library");
  EXPECT_NE(complaint_of(REFLOOP_EMPTY).find("exports none of the functions of refloop/plugin.h"), std::string::npos);
}

TEST(WhatItTakes, IsFoundByAsking) {
  const auto texts = [](const char* pattern) {
    std::vector<std::string> found;
    for (const Pattern& one : what_it_takes(faulty("none"), parse_pattern(pattern)).patterns) {
      found.push_back(to_text(one));
    }
    return found;
  };
  EXPECT_EQ(texts("conv1d"), std::vector<std::string>{"conv1d_f32"});
  EXPECT_EQ(texts("conv1d_f64"), std::vector<std::string>{});
  EXPECT_EQ(what_it_takes(faulty("none"), parse_pattern("conv1d_f64")).refusal, "it takes f32");
}

}  // namespace
}  // namespace refloop::subjects
