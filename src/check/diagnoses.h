// Failures explained while there is time for it: the first ones in full, the rest by the known mistakes alone.
#pragma once

#include <cstdint>
#include <string>
#include <utility>

#include "refloop/check.h"

namespace refloop {

class Diagnoses {
 public:
  /// Where `stop` says so nothing is shrunk any more.
  explicit Diagnoses(Stop stop) : stop_(std::move(stop)) {}
  void add(Result& failure, const Subject& subject);
  /// One that an earlier run knew: it is not shrunk anew, but what it was shrunk to then is told if that still fails.
  void add_known(Result& failure, const Subject& subject, const std::string& smallest);

 private:
  Stop stop_;
  std::uint64_t shrunk_ = 0;
  double seconds_ = 0;
};

}  // namespace refloop
