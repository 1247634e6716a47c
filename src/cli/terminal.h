// What people see: aligned tables, progress on a terminal and none elsewhere, colour only where it is welcome.
#pragma once

#include <chrono>
#include <cstdio>
#include <string>
#include <string_view>
#include <vector>

#include "refloop/check.h"

namespace refloop::cli {

/// Rows of cells; the first is the head. Columns of numbers are set to the right.
std::string table(const std::vector<std::vector<std::string>>& rows);

/// 1234567 as 1,234,567.
std::string with_commas(std::uint64_t number);

/// The text in green or red on a terminal that takes colour, else as it is.
std::string coloured(std::string_view text, Verdict verdict);

/// One line on stderr that is written over: done/total, cases per second, failures so far.
class Progress {
 public:
  /// Of so many cases; 0 where nobody knows.
  explicit Progress(std::uint64_t total);
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void count(std::uint64_t done, std::uint64_t failures);

 private:
  void show();
  void clear();

  using Clock = std::chrono::steady_clock;
  std::uint64_t total_, done_ = 0, failures_ = 0;
  Clock::time_point start_ = Clock::now(), shown_ = start_;
  bool visible_;
};

}  // namespace refloop::cli
