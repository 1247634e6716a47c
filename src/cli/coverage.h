// What a run has exercised: for each operator and setting how many of the cases that were compared had it, so that a
// setting that never came is seen.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "refloop/check.h"

namespace refloop::cli {

class Coverage {
 public:
  void add(const Result& result);
  /// A row per operator and element type; `never` where no case had the setting.
  std::string table() const;

 private:
  using Row = std::pair<std::string, std::string>;  // operator and element type
  std::map<Row, std::map<std::string, std::uint64_t>> counts_;
};

}  // namespace refloop::cli
