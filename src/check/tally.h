// What a run of many cases came to: counted as the results come, so that no more is kept than people read.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <vector>

#include "check/story.h"
#include "refloop/check.h"

namespace refloop {

// Exit codes, of the program as of a report in somebody's own.
inline constexpr int passed = 0;      // something passed and nothing failed
inline constexpr int failed = 1;      // something failed, or nothing was compared
inline constexpr int impossible = 2;  // the command could not be carried out

/// The command that runs a result's subject again, up to the case that follows.
using CommandOf = std::function<std::string(const Result&)>;

class Tally {
 public:
  /// A failure that is not to be told is counted.
  void add(const Result& result, bool is_told = true);

  std::uint64_t results() const { return results_; }
  std::uint64_t failures() const { return failures_; }
  std::uint64_t count(Verdict verdict) const { return verdicts_[static_cast<std::size_t>(verdict)]; }
  double reference_seconds() const { return reference_seconds_; }
  double subject_seconds() const { return subject_seconds_; }

  const Likenesses& likenesses() const { return likenesses_; }

  /// Counts by operator and subject, the orders that explained bits where none was promised, then why cases were
  /// skipped.
  std::string table() const;
  /// The first failures in full, and how many more there are.
  std::string stories(const CommandOf& command) const;
  /// Everything known about one failure, in lines.
  std::string story(const Result& result, const std::string& command) const;
  /// One line: whether `who` agrees in every bit that was compared, or of what nothing was. Empty where something
  /// failed.
  std::string last_line(std::span<const std::string> operators, std::string_view who) const;
  /// The sentence that says so where nothing was compared, or nothing of an operator that was asked for; else empty.
  std::string what_was_not_compared(std::span<const std::string> operators) const;
  /// 0 if something passed of each operator that was asked for and nothing failed, else 1.
  int exit_code(std::span<const std::string> operators) const;

 private:
  using Counts = std::array<std::uint64_t, verdict_count>;
  struct Reason {
    std::uint64_t count = 0;
    std::string example;
  };
  Reason& reason_of(const Result& result);
  std::vector<std::string> operators_without_verdict(std::span<const std::string> asked) const;

  std::uint64_t results_ = 0, failures_ = 0, told_failures_ = 0;
  Counts verdicts_{};
  double reference_seconds_ = 0, subject_seconds_ = 0;
  using Row = std::tuple<const Family*, int, std::string>;  // operator and subject
  std::map<Row, Counts> rows_;
  std::map<std::tuple<std::string, std::string, std::string>, std::uint64_t> orders_;  // operator, subject, order
  double bound_used_ = 0;  // the largest share, of those that passed
  std::map<std::string, Reason> reasons_;
  std::unordered_map<std::string, Reason*> kinds_;  // of the reasons met so far, word for word
  Likenesses likenesses_;
  std::vector<Result> stories_;
};

}  // namespace refloop
