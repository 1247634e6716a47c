// The tests start this very program as a worker.
#include <gtest/gtest.h>

#include "subjects/worker.h"

int main(int count, char** arguments) {
  if (const auto served = refloop::subjects::serve_if_worker(count, arguments)) return *served;
  testing::InitGoogleTest(&count, arguments);
  return RUN_ALL_TESTS();
}
