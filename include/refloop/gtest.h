// A kernel of one's own as tests of GoogleTest: one test per case, whose name ends in the case's text.
//
//   REFLOOP_TEST(MyConv, refloop::conv2d(my_conv).takes("conv2d_g1_f32").threads(1, 4));
//
// makes the tests refloop/MyConv.Agrees/conv2d_..., of the cases that `refloop check --tier smoke` would judge. A
// failure is an ordinary one, with the story in it; a case that the kernel refuses, or that could not tell, is skipped.
// A filter that names a case in full runs it though it is not among them: --gtest_filter=refloop/MyConv.Agrees/TEXT,
// the line that a story ends with. `refloop::Case` parameters of tests of one's own print as their texts.
//
// GoogleTest is the user's own; refloop/callable.h says what a kernel is, and works without it.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <iostream>
#include <ostream>
#include <sstream>
#include <string>
#include <vector>

#include "refloop/callable.h"

namespace refloop {

inline void PrintTo(const Case& c, std::ostream* out) {
  *out << to_text(c);
}

namespace gtest {

/// The name of a test, by its case.
inline std::string text_of(const ::testing::TestParamInfo<Case>& info) {
  return to_text(info.param);
}

/// The cases that --gtest_filter names in full, of a suite's.
inline std::vector<Case> named_cases(const std::string& suite) {
  const std::string filter = GTEST_FLAG_GET(filter), start = "refloop/" + suite + ".Agrees/";
  std::istringstream wanted(filter.substr(0, filter.find('-')));  // behind it stands what is left out
  std::vector<Case> named;
  for (std::string pattern; std::getline(wanted, pattern, ':');) {
    if (pattern.compare(0, start.size(), start) != 0) continue;
    try {
      named.push_back(parse(pattern.substr(start.size())));
    } catch (const Error&) {  // a filter may hold what it likes
    }
  }
  return named;
}

/// What stands behind the name in REFLOOP_TEST.
struct Tested {
  Callable kernel;
  CheckOptions options{};
};

/// The cases of a suite. What is wrong with it ends the program, in one sentence.
inline std::vector<Case> cases(const std::string& suite, const Tested& (*tested)()) {
  try {
    std::vector<Case> all = cases_of(tested().kernel, tested().options);
    for (const Case& named : named_cases(suite)) {
      if (std::find(all.begin(), all.end(), named) == all.end()) all.push_back(named);
    }
    return all;
  } catch (const Error& error) {
    std::cerr << "refloop: " << suite << ": " << error.what() << '\n';
    std::exit(EXIT_FAILURE);
  }
}

/// What REFLOOP_TEST derives from.
class KernelTest : public ::testing::TestWithParam<Case> {
 protected:
  /// `file` and `line` are the macro's, `suite` its name.
  void agrees(CaseJudge& judge, const char* suite, const char* file, int line) {
    const Result result = judge(GetParam());
    ++judged;
    compared += passes(result.verdict) || fails(result.verdict) ? 1 : 0;
    if (fails(result.verdict)) {
      const std::string again = std::string(program_invocation_name) + " --gtest_filter=refloop/" + suite + ".Agrees/";
      ADD_FAILURE_AT(file, line) << judge.story(result, again);
    } else if (!passes(result.verdict)) {
      GTEST_SKIP() << to_text(result.verdict) << ": " << result.reason;
    }
  }

  static void SetUpTestSuite() { judged = compared = 0; }
  /// A part of a suite, by a filter or a shard, may hold nothing that can be compared.
  static void TearDownTestSuite() {
    const ::testing::TestSuite& suite = *::testing::UnitTest::GetInstance()->current_test_suite();
    const bool is_whole = suite.test_to_run_count() == suite.total_test_count();
    if (is_whole && judged > 0 && compared == 0) {
      ADD_FAILURE() << "nothing was compared: every case was skipped or could not tell";
    }
  }

 private:
  static inline int judged = 0, compared = 0;
};

}  // namespace gtest
}  // namespace refloop

/// The tests of a kernel, under a name of their own: REFLOOP_TEST(Name, refloop::conv2d(kernel).takes("...")). Behind
/// the kernel may stand options: REFLOOP_TEST(Name, refloop::conv2d(kernel), {.tier = "full", .seed = 7}).
#define REFLOOP_TEST(name, ...)                                                                             \
  class name : public refloop::gtest::KernelTest {                                                          \
   public:                                                                                                  \
    static const refloop::gtest::Tested& tested() {                                                         \
      static const refloop::gtest::Tested all{__VA_ARGS__};                                                 \
      return all;                                                                                           \
    }                                                                                                       \
  };                                                                                                        \
  TEST_P(name, Agrees) {                                                                                    \
    static refloop::CaseJudge judge(tested().kernel);                                                       \
    agrees(judge, #name, __FILE__, __LINE__);                                                               \
  }                                                                                                         \
  INSTANTIATE_TEST_SUITE_P(refloop, name, ::testing::ValuesIn(refloop::gtest::cases(#name, &name::tested)), \
                           refloop::gtest::text_of)
