// Failures explained while there is time for it: the first ones in full, the rest by the known mistakes alone.
#pragma once

#include <cstdint>
#include <utility>

#include "refloop/check.h"

namespace refloop {

class Diagnoses {
 public:
  /// Where `stop` says so nothing is shrunk any more.
  explicit Diagnoses(Stop stop) : stop_(std::move(stop)) {}
  void add(Result& failure, const Subject& subject);

 private:
  Stop stop_;
  std::uint64_t shrunk_ = 0;
  double seconds_ = 0;
};

}  // namespace refloop
