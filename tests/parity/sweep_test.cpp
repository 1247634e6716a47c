// Every case of every family's sweeps through the engine, against LibTorch by each of its paths. Includes no torch.
#include <gtest/gtest.h>

#include "parity/sweep_cases.h"

namespace refloop::parity {
namespace {

std::vector<Case> every_case() {
  std::vector<Case> cases;
  for (const Family* family : families) {
    const auto more = sweep_cases(*family, [](const Case&) { return true; });
    cases.insert(cases.end(), more.begin(), more.end());
  }
  return cases;
}

/// LibTorch lacks some integer types for some settings, and names the type; LibTorch 2 takes a plane in
/// channels_last_3d for too large where its cells are more than its type can count. Floats are never to be skipped, but
/// for indices of an input that is not padded alike.
bool may_be_refused(const Result& result) {
  const auto says = [&](std::string_view words) { return result.reason.find(words) != std::string::npos; };
  const Case& c = result.subject_case;
  if (c.indices && c.before != c.after) return says("max_pool pads both sides alike when it returns indices");
  return c.dtype != DType::f32 && c.dtype != DType::f64 &&
         (says("not implemented for '") || says("<= std::numeric_limits<integer_t>::max()"));
}

/// A failure as the program tells it.
std::string story(const Result& result) {
  std::string text = result.subject + ": " + std::string(to_text(result.verdict)) + ", " + result.reason;
  if (result.first) {
    text += "; first in " + result.first->output + " at " + testing::PrintToString(result.first->at) + ": expected " +
            result.first->expected + " (" + result.first->expected_bits + "), got " + result.first->got + " (" +
            result.first->got_bits + ")";
  }
  return text;
}

class Sweep : public testing::TestWithParam<Case> {
 protected:
  void expect_exact(const char* path) {
    const Case& c = GetParam();
    const Result result = judge(c, subject(path));
    if (result.verdict == Verdict::exact) return;
    if (result.verdict == Verdict::skipped && may_be_refused(result)) GTEST_SKIP() << result.reason;
    FAIL() << story(result);
  }
};

TEST_P(Sweep, IsExactOnNativeKernels) {
  if (const auto why = not_asserted(GetParam()); !why.empty()) GTEST_SKIP() << why;
  expect_exact("native");
}

TEST_P(Sweep, IsExactThroughModules) {
  if (const auto why = not_asserted(GetParam()); !why.empty()) GTEST_SKIP() << why;
  expect_exact("module");
}

TEST_P(Sweep, IsExactOnOneDnnWhereOrdersAgree) {
  const Case& c = GetParam();
  if (c.family->all_orders_agree(c)) expect_exact("onednn");
}

INSTANTIATE_TEST_SUITE_P(Of, Sweep, testing::ValuesIn(every_case()), case_name);

}  // namespace
}  // namespace refloop::parity
