// A main of its own, because LibTorch reads its environment once, at its first operation.
#include <gtest/gtest.h>

#include <cstdlib>

#include "parity/parity.h"

int main(int argc, char** argv) {
  for (const auto& [variable, value] : refloop::parity::deterministic_environment) setenv(variable, value, 1);
  GTEST_FLAG_SET(brief, true);  // thousands of cases: say what failed or was skipped; --gtest_brief=0 names each
  testing::InitGoogleTest(&argc, argv);
  return RUN_ALL_TESTS();
}
