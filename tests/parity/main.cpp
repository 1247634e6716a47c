// A main of its own, because LibTorch reads its environment once, at its first operation.
#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>

#include "parity/parity.h"

namespace {

/// Thousands of cases: what failed is said at once, what was skipped is counted by its reason and said at the end.
class Brief : public testing::EmptyTestEventListener {
 public:
  explicit Brief(testing::TestEventListener* printer) : printer_(printer) {}

  void OnTestPartResult(const testing::TestPartResult& result) override {
    if (result.skipped()) {
      ++skipped_[result.message()];
    } else {
      printer_->OnTestPartResult(result);
    }
  }
  void OnTestEnd(const testing::TestInfo& test) override { printer_->OnTestEnd(test); }
  void OnTestIterationEnd(const testing::UnitTest& tests, int iteration) override {
    for (const auto& [reason, times] : skipped_) std::printf("skipped %d times: %s\n", times, reason.c_str());
    skipped_.clear();
    printer_->OnTestIterationEnd(tests, iteration);
  }

 private:
  std::unique_ptr<testing::TestEventListener> printer_;
  std::map<std::string, int> skipped_;
};

}  // namespace

int main(int argc, char** argv) {
  for (const auto& [variable, value] : refloop::parity::deterministic_environment) setenv(variable, value, 1);
  GTEST_FLAG_SET(brief, true);  // --gtest_brief=0 names each case
  testing::InitGoogleTest(&argc, argv);
  if (GTEST_FLAG_GET(brief)) {
    auto& listeners = testing::UnitTest::GetInstance()->listeners();
    listeners.Append(new Brief(listeners.Release(listeners.default_result_printer())));
  }
  return RUN_ALL_TESTS();
}
