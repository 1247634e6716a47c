// What a run is held to: an earlier report of the same kind of run. Each case is as it was, better, or worse.
#pragma once

#include <CLI/CLI.hpp>
#include <array>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "check/tally.h"
#include "cli/report.h"
#include "refloop/check.h"

namespace refloop::cli {

struct BaselineOptions {
  std::string file;
  bool accept = false;
};

/// Adds --baseline and --accept.
void add_baseline_options(CLI::App& command, BaselineOptions& options);

/// What became of a case, worse things first.
enum class Change : std::uint8_t {
  newly_failing,
  fails_worse,
  new_and_failing,
  refused_now,
  newly_passing,
  fails_no_more,
  other_bits,
  fails_as_before,
  as_before,
  is_new
};
inline constexpr Term change_terms[] = {
    {"newly failing", "it fails, and did not before"},
    {"failing worse", "its numbers were wrong (WRONG, UNSTABLE), now it does harm (OUTSIDE, HUNG, CRASHED)"},
    {"new and failing", "it fails, and the baseline does not hold it: nothing says that it failed before"},
    {"refused now", "it passed, and is SKIPPED now"},
    {"newly passing", "it passes, and did not before"},
    {"failing no more", "it failed, and is SKIPPED or WEAK now"},
    {"bits changed though still right", "EXACT or BOUNDED before and now, EXACT to BOUNDED too"},
    {"failing as before", "with whatever bits"},
    {"as before", "neither failing nor changed"},
    {"new", "the baseline does not hold it, and it does not fail"}};
static_assert(std::size(change_terms) == static_cast<std::size_t>(Change::is_new) + 1);
constexpr bool is_worse(Change change) {
  return change <= Change::refused_now;
}

class Baseline {
 public:
  /// Of `refloop COMMAND`: with --invariant, or without. Raises Error for a file that is no report of such a run, or
  /// whose cases have other inputs now; with --accept there may be none yet.
  Baseline(const BaselineOptions& options, std::string_view command, bool invariance);

  bool is_worse(const Result& result) const { return cli::is_worse(change_of(result)); }
  /// What the same failure was shrunk to; empty where it was not.
  std::string smallest_of(const Result& result) const;
  void add(const Result& result);
  /// With --accept: makes what was added the baseline. Of what was not run this time the old results are kept.
  void accept(ReportHead head);

  std::vector<Case> passed_cases(const std::function<bool(const Case&)>& is_wanted) const;
  bool got_worse() const;
  /// Whether any of its cases was run again, or there were none.
  bool was_met() const { return met_ > 0 || before_.empty() || writer_ != nullptr; }
  /// What became of the cases: how many, the first few by name, and the orders of summation that changed.
  std::string text() const;
  std::string last_line() const;

 private:
  using Row = std::vector<std::string>;
  /// What is kept of an earlier result.
  struct Before {
    std::uint64_t bits = 0;
    const std::string *order = nullptr, *smallest = nullptr;
    Verdict verdict{};
    bool was_run = false;  // this time
  };
  struct Reordered {
    std::uint64_t cases = 0;
    std::string example;
  };

  void read(std::string_view command, bool invariance);
  std::string key_of(const Result& result) const;
  const Before* before(const std::string& key) const;
  Change change_of(const Result& result) const;
  void tell(Change change, const Before* before, const Result& result);
  std::uint64_t worse() const;
  std::string reordered_text() const;

  std::string file_;
  bool is_of_one_;  // subject, which goes by the name of its file: that of another version is the same subject
  std::string with_libtorch_;
  std::set<std::string> subjects_, words_;  // words: what is said of many results, kept once
  std::map<std::string, Before> before_;    // by case text, and subject unless there is one
  std::map<std::string, Before> smallest_;  // what its failures were shrunk to, and failed as well
  std::array<std::uint64_t, std::size(change_terms)> counts_{};
  std::array<std::vector<Row>, std::size(change_terms)> told_;          // the first few, below the head of a table
  std::map<std::pair<std::string, std::string>, Reordered> reordered_;  // by the orders before and now
  std::uint64_t met_ = 0;                                               // of `before_`, each once

  std::unique_ptr<ReportWriter> writer_;  // where --accept is given
  Tally accepted_;
  std::string subject_now_, said_of_accepting_;
};

}  // namespace refloop::cli
