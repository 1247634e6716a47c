// What people see: aligned tables, progress on a terminal and none elsewhere, colour only where it is welcome.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "refloop/check.h"

namespace refloop::cli {

/// How wide lines may be: $COLUMNS where it says, else what the terminal has. Nothing where output goes elsewhere, so
/// that every row of a table stays one line.
std::optional<std::size_t> output_width();

/// The text in lines of that width, each ended.
std::string folded(std::string_view text, std::optional<std::size_t> width = output_width());

/// Rows of cells; the first is the head. Columns of numbers are set to the right. Where rows are wider than `width`,
/// one column of text is folded; where that does not do, the last columns go to lines of their own.
std::string table(const std::vector<std::vector<std::string>>& rows, std::optional<std::size_t> width = output_width());

/// 1234567 as 1,234,567.
std::string with_commas(std::uint64_t number);

/// The text in green or red on a terminal that takes colour, else as it is.
std::string coloured(std::string_view text, Verdict verdict);

/// One line on stderr that is written over: done/total, cases per second, failures so far.
class Progress {
 public:
  /// Of so many cases; 0 where nobody knows. `word` is what failures are called.
  explicit Progress(std::uint64_t total, std::string_view word = "failed");
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void count(std::uint64_t done, std::uint64_t failures);
  /// Takes the line away, so that something else can be printed.
  void clear();

 private:
  void show();

  using Clock = std::chrono::steady_clock;
  std::uint64_t total_, done_ = 0, failures_ = 0;
  std::string_view word_;
  Clock::time_point start_ = Clock::now(), shown_ = start_;
  bool visible_;
};

}  // namespace refloop::cli
