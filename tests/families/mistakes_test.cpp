// Every known mistake is caught, and the loops are never accused.
#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "check/subjects.h"

namespace refloop {
namespace {

class EveryMistake : public testing::TestWithParam<std::pair<const Family*, const Way*>> {};

std::vector<std::pair<const Family*, const Way*>> every_mistake() {
  std::vector<std::pair<const Family*, const Way*>> all;
  for (const Family* family : families) {
    for (const Way& mistake : family->mistakes) all.emplace_back(family, &mistake);
  }
  return all;
}

INSTANTIATE_TEST_SUITE_P(All, EveryMistake, testing::ValuesIn(every_mistake()), [](const auto& named) {
  return std::string(named.param.first->name) + "_" + std::string(named.param.second->name);
});

std::optional<Result> first_failure(const Family& family, const Subject& subject) {
  for (const Sweep& sweep : family.sweeps()) {
    for (const Case& c : sweep.cases) {
      Result result = judge(c, subject);
      if (fails(result.verdict)) return result;
    }
  }
  return std::nullopt;
}

TEST_P(EveryMistake, IsCaughtExplainedAndShrunk) {
  const auto& [family, mistake] = GetParam();
  const Subject subject = wrong_kernel(*mistake);
  std::optional<Result> failure = first_failure(*family, subject);
  ASSERT_TRUE(failure) << "no sweep catches it";
  ASSERT_EQ(failure->verdict, Verdict::wrong) << failure->reason;

  diagnose(*failure, subject);
  const auto& names = failure->explained_by;
  EXPECT_NE(std::find(names.begin(), names.end(), mistake->name), names.end())
      << "looks like " << testing::PrintToString(names);
  EXPECT_TRUE(failure->reproduced);

  const Case smallest = parse(failure->smallest);
  EXPECT_EQ(judge(smallest, subject).verdict, Verdict::wrong) << failure->smallest;
  EXPECT_LE(family->work(smallest), family->work(failure->subject_case));
}

TEST(Mistakes, HaveNamesThatCanBeTypedAndSources) {
  for (const Family* family : families) {
    std::set<std::string_view> names;
    for (const Way& mistake : family->mistakes) {
      EXPECT_TRUE(names.insert(mistake.name).second) << mistake.name << " stands there twice";
      EXPECT_EQ(mistake.name.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789_"), std::string_view::npos);
      EXPECT_FALSE(mistake.says.empty()) << mistake.name;
      EXPECT_FALSE(mistake.source.empty()) << mistake.name;
      EXPECT_NE(mistake.edit == nullptr, mistake.run == nullptr) << mistake.name;
    }
    EXPECT_GE(family->mistakes.size(), 5u) << family->name;
  }
}

class LoopsOfEveryFamily : public testing::TestWithParam<const Family*> {};
INSTANTIATE_TEST_SUITE_P(All, LoopsOfEveryFamily, testing::ValuesIn(families),
                         [](const auto& named) { return std::string(named.param->name); });

TEST_P(LoopsOfEveryFamily, AreExactOnEverySweepCase) {
  for (const Sweep& sweep : GetParam()->sweeps()) {
    EXPECT_FALSE(sweep.cases.empty()) << sweep.name;
    for (const Case& c : sweep.cases) {
      const Result result = judge(c, right_kernel());
      ASSERT_EQ(result.verdict, Verdict::exact) << to_text(c) << ": " << result.reason;
    }
  }
}

TEST_P(LoopsOfEveryFamily, AreExactOnRandomCases) {
  for (std::uint64_t index = 0; index < 10'000; ++index) {
    const Case c = sample(*GetParam(), 51, index);
    ASSERT_EQ(judge(c, right_kernel()).verdict, Verdict::exact) << to_text(c);
  }
}

/// Where every order agrees, a kernel that promises none is exact too.
TEST_P(LoopsOfEveryFamily, AreExactInTheOtherOrderWhereNoneIsPromised) {
  Subject subject = right_kernel();
  subject.order = no_order;
  for (std::uint64_t index = 0; index < 2'000; ++index) {
    const Verdict verdict = judge(sample(*GetParam(), 52, index), subject).verdict;
    ASSERT_TRUE(verdict == Verdict::exact || verdict == Verdict::skipped) << to_text(sample(*GetParam(), 52, index));
  }
}

struct Lazy {
  const char* name;
  Spoil spoil;
};

/// Kernels that don't try.
const Lazy lazy_kernels[] = {
    {"returns zeros", [](const Case&, auto, Outcome& outcome) { set_all(outcome.outputs[0], 0); }},
    {"returns ones", [](const Case&, auto, Outcome& outcome) { set_all(outcome.outputs[0], 1); }},
    {"returns its input",
     [](const Case&, Tensors inputs, Outcome& outcome) {
       outcome.outputs[0] = inputs[0];
       outcome.outputs[0].name = "output";
     }},
    {"copies as much input as fits",
     [](const Case& c, Tensors inputs, Outcome& outcome) {
       dispatch(c.dtype, [&]<class T>() {
         const auto values = elements<T>(inputs[0]);
         for_each_element<T>(outcome.outputs[0], [&](T& element, Index position) {
           element = values[static_cast<std::size_t>(position) % values.size()];
         });
       });
     }},
    {"writes nothing", [](const Case& c, auto, Outcome& outcome) { outcome.outputs = c.family->outputs(c); }},
    {"leaves out the last element",
     [](const Case& c, auto, Outcome& outcome) {
       dispatch(c.dtype, [&]<class T>() {
         const Index last = outcome.outputs[0].size() - 1;
         for_each_element<T>(outcome.outputs[0], [&](T& element, Index position) {
           if (position == last) element = T{0};
         });
       });
     }},
    {"answers with doubles", [](const Case& c, auto, Outcome& outcome) {
       outcome.outputs[0] =
           make_tensor("output", c.dtype == DType::f64 ? DType::f32 : DType::f64, outcome.outputs[0].shape);
     }}};

TEST(LazyKernels, AreCaughtByMostCasesOfEveryFamily) {
  constexpr std::uint64_t cases = 300;
  for (const Family* family : families) {
    for (const Lazy& lazy : lazy_kernels) {
      std::uint64_t caught = 0;
      for (std::uint64_t index = 0; index < cases; ++index) {
        caught += fails(judge(sample(*family, 53, index), loops_then(lazy.name, lazy.spoil)).verdict);
      }
      EXPECT_GT(caught, cases * 2 / 3) << family->name << ": " << lazy.name;
    }
  }
}

TEST(LazyKernels, ThatReturnZerosAreCaughtByEveryRandomCase) {
  for (const Family* family : families) {
    for (std::uint64_t index = 0; index < 2'000; ++index) {
      const Case c = sample(*family, 54, index);
      ASSERT_EQ(judge(c, loops_then("zeros", lazy_kernels[0].spoil)).verdict, Verdict::wrong) << to_text(c);
    }
  }
}

}  // namespace
}  // namespace refloop
