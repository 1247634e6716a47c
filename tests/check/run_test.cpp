// Many cases, one subject, several threads: the same results in the same order.
#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>

#include "check/subjects.h"

namespace refloop {
namespace {

std::vector<Case> some_cases(std::uint64_t count) {
  std::vector<Case> cases;
  for (const Family* family : families) {
    for (std::uint64_t index = 0; index < count; ++index) cases.push_back(sample(*family, 61, index));
  }
  return cases;
}

/// Wrong on every case whose seed is odd.
Subject wrong_on_odd_seeds() {
  return loops_then("odd", [](const Case& c, auto, Outcome& outcome) {
    if (c.seed % 2 == 1) outcome = {.outputs = {}, .instead = Verdict::wrong, .reason = "odd"};
  });
}

TEST(Run, GivesOneResultPerCaseInOrderForAnyNumberOfThreads) {
  const auto cases = some_cases(500);
  const auto alone = run(cases, wrong_on_odd_seeds());
  ASSERT_EQ(alone.size(), cases.size());
  for (const int jobs : {1, 4, 16}) {
    RunOptions options;
    options.jobs = jobs;
    const auto results = run(cases, wrong_on_odd_seeds(), options);
    ASSERT_EQ(results.size(), cases.size());
    for (std::size_t at = 0; at < cases.size(); ++at) {
      ASSERT_EQ(results[at].subject_case, cases[at]);
      ASSERT_EQ(results[at].verdict, alone[at].verdict) << to_text(cases[at]);
      ASSERT_EQ(results[at].reason, alone[at].reason) << to_text(cases[at]);
      ASSERT_EQ(results[at].bits, alone[at].bits) << to_text(cases[at]);
      ASSERT_EQ(fails(results[at].verdict), cases[at].seed % 2 == 1) << to_text(cases[at]);
    }
  }
}

TEST(Run, ReportsEachResultOnceAndNeverFromTwoThreadsAtOnce) {
  const auto cases = some_cases(300);
  std::size_t reported = 0;  // not atomic: the thread sanitizer would see two at once
  std::atomic<int> inside = 0;
  RunOptions options;
  options.jobs = 4;
  options.on_result = [&](const Result&) {
    EXPECT_EQ(++inside, 1);
    ++reported;
    --inside;
  };
  run(cases, right_kernel(), options);
  EXPECT_EQ(reported, cases.size());
}

TEST(Run, StopsWhenTold) {
  const auto cases = some_cases(300);
  for (const int jobs : {1, 4}) {
    std::atomic<int> judged = 0;
    const Subject counting = loops_then("counting", [&](const Case&, auto, Outcome&) { ++judged; });
    RunOptions options;
    options.jobs = jobs;
    options.stop = [&] { return judged >= 10; };
    const auto results = run(cases, counting, options);
    EXPECT_GE(results.size(), 10u);
    EXPECT_LT(results.size(), 10u + static_cast<std::size_t>(jobs));
    for (std::size_t at = 0; jobs == 1 && at < results.size(); ++at) EXPECT_EQ(results[at].subject_case, cases[at]);
  }
}

TEST(Run, GoesOnWhereASubjectThrows) {
  const auto cases = some_cases(100);
  for (const int jobs : {1, 4}) {
    const Subject subject = loops_then("mine", [&](const Case& c, auto, Outcome&) {
      if (c == cases[50]) throw std::runtime_error("no more memory");
      if (c == cases[60]) throw 7;
    });
    RunOptions options;
    options.jobs = jobs;
    const auto results = run(cases, subject, options);
    ASSERT_EQ(results.size(), cases.size());
    EXPECT_EQ(results[50].verdict, Verdict::crashed);
    EXPECT_EQ(results[50].reason, "threw: no more memory");
    EXPECT_EQ(results[60].verdict, Verdict::crashed);
    EXPECT_EQ(results[60].reason, "threw something that is no std::exception");
    EXPECT_EQ(results[51].verdict, Verdict::exact);
  }
}

TEST(Run, JudgesEachCaseWithEverySubjectAndComputesItsReferenceOnce) {
  const auto cases = some_cases(40);
  const std::vector<Subject> subjects{right_kernel(), wrong_on_odd_seeds(), right_kernel()};
  std::vector<Result> results;
  std::size_t with_loops = 0;
  RunOptions options;
  options.on_result = [&](const Result& result) {
    results.push_back(result);
    with_loops += result.reference_seconds > 0;
  };
  run(
      cases.size(), [&](std::uint64_t number) { return std::optional<Prepared>(cases[number]); }, subjects, options);
  ASSERT_EQ(results.size(), 3 * cases.size());
  for (std::size_t at = 0; at < results.size(); ++at) {
    EXPECT_EQ(results[at].subject_case, cases[at / 3]);
    EXPECT_EQ(results[at].subject, subjects[at % 3].name);
  }
  EXPECT_EQ(with_loops, cases.size());
}

TEST(Run, LeavesOutNumbersThatAreNotWantedAndSubjectsThatACaseIsNotFor) {
  const auto cases = some_cases(20);
  const std::vector<Subject> subjects{right_kernel(), right_kernel()};
  std::size_t count = 0;
  RunOptions options;
  options.is_for = [](const Case&, std::size_t subject, std::uint64_t) { return subject == 1; };
  options.on_result = [&](const Result& result) {
    ++count;
    EXPECT_EQ(result.number % 2, 1u);
  };
  const CaseAt every_second = [&](std::uint64_t number) {
    return number % 2 == 1 ? std::optional<Prepared>(cases[number]) : std::nullopt;
  };
  run(cases.size(), every_second, subjects, options);
  EXPECT_EQ(count, cases.size() / 2);
}

TEST(Run, OfNoCasesGivesNoResults) {
  EXPECT_TRUE(run({}, right_kernel()).empty());
}

TEST(KeepsOrder, IsTrueOfTheLoops) {
  for (const Family* family : families) EXPECT_TRUE(keeps_order(*family, right_kernel())) << family->name;
}

/// Promises the header's order and sums in that of channels_last memory.
Subject breaks_its_promise() {
  return {.name = "taps outside",
          .run = [](const Case& c,
                    Tensors inputs) { return Outcome{.outputs = outputs_of(*channels_last_order(c), c, inputs)}; },
          .order = contract};
}

TEST(KeepsOrder, IsFalseOfAKernelThatSumsBackwards) {
  EXPECT_FALSE(keeps_order(family::conv, breaks_its_promise()));
}

TEST(BrokenPromises, AreOfWhatSumsInAnotherOrderAndOfNothingElse) {
  const Subject subject = breaks_its_promise();
  const SummedBy product = [](const Case& c) { return std::string(c.family == &family::conv ? "product" : ""); };
  const auto broken = broken_promises(subject, product);
  EXPECT_EQ(broken, std::set<std::string>{"product"});
  const Subject cut = without_promises(subject, broken, product);
  EXPECT_EQ(cut.order(parse("conv2d_i6_k3_real")), nullptr);
  // Batch norm sums in another order too, but answers for it itself.
  EXPECT_NE(cut.order(parse("batch_norm2d_i6_c3_train_real")), nullptr);

  const Subject by_itself = without_promises(subject, broken_promises(subject));
  EXPECT_EQ(by_itself.order(parse("batch_norm2d_i6_c3_train_real")), nullptr);
  const Case pooled = parse("max_pool2d_i6_k3_real");
  EXPECT_EQ(by_itself.order(pooled), contract(pooled));
}

TEST(BrokenPromises, AreHeardInOneTypeOnlyAndInFewCasesOnly) {
  const auto breaks_where = [](bool (*where)(const Case&)) {
    Subject subject = breaks_its_promise();
    subject.run = [where](const Case& c, Tensors in) {
      return Outcome{.outputs = outputs_of(where(c) ? *channels_last_order(c) : *contract(c), c, in)};
    };
    return subject;
  };
  EXPECT_FALSE(keeps_order(family::conv, breaks_where([](const Case& c) { return c.dtype == DType::f64; })));
  EXPECT_FALSE(keeps_order(family::conv, breaks_where([](const Case& c) { return c.dtype == DType::f32; })));
  EXPECT_FALSE(keeps_order(family::conv, breaks_where([](const Case& c) { return c.channels == 8 && c.dims == 2; })));
}

TEST(BrokenPromises, LeaveTheSubjectAsItIs) {
  const Subject subject = breaks_its_promise();
  without_promises(subject, broken_promises(subject));
  const Case c = parse("conv2d_i6_k3_real");
  EXPECT_EQ(subject.order(c), contract(c));
}

}  // namespace
}  // namespace refloop
