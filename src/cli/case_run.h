// Running many cases as a command: progress, stories' material, reports, --minutes, Ctrl-C. What parity and check
// share.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "check/stopwatch.h"
#include "check/tally.h"
#include "cli/baseline.h"
#include "cli/case_options.h"
#include "cli/declared_options.h"
#include "cli/report.h"
#include "refloop/check.h"

namespace refloop::cli {

struct CaseRunOptions {
  std::vector<std::string> reports;
  BaselineOptions baseline;
  int jobs = 1;
  double minutes = 0;
  bool invariance = false;
  DeclaredOptions declared;
};

/// Adds --jobs, --minutes, --invariant, --report, --baseline and --accept.
void add_run_options(CLI::App& command, CaseRunOptions& options);

/// What the run is held to, or null. Raises Error where that can't be read, or is no report of such a run.
std::unique_ptr<Baseline> open_baseline(const CaseRunOptions& options, std::string_view command);

/// While it lives, Ctrl-C and SIGTERM ask for the end: the run stops behind the cases at hand, and tells what was done.
class InterruptGuard {
 public:
  InterruptGuard();
  ~InterruptGuard();
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
};
bool is_interrupted();

/// The cases of a run, and who is judged on them.
struct CaseList {
  std::uint64_t count = 0;
  CaseAt at;
  std::function<bool(const Case&, std::size_t subject, std::uint64_t number)> is_for = {};
};

class CaseRun {
 public:
  CaseRun(const CaseRunOptions& options, std::span<const Subject> subjects, Baseline* baseline = nullptr)
      : options_(options), subjects_(subjects), baseline_(baseline) {}

  /// Where `endless`, the count does not end it, but --minutes does. `stop` is another reason to end early; `watch`
  /// gets each result when it has been diagnosed.
  void run(
      const CaseList& cases, bool endless, Tally& tally, std::span<const std::unique_ptr<ReportWriter>> reports,
      const std::function<void(const Result&)>& watch = [](const Result&) {},
      const std::function<bool()>& stop = [] { return false; });

  double seconds() const { return watch_.seconds(); }
  /// Cases that --minutes left undone.
  std::uint64_t left_undone() const { return left_undone_; }

 private:
  const CaseRunOptions& options_;
  std::span<const Subject> subjects_;
  Baseline* baseline_;
  Stopwatch watch_;
  std::uint64_t left_undone_ = 0;
};

/// How the time was shared out, in percent; `who` computes beside the loops.
std::string time_line(const Tally& tally, double seconds, int jobs, std::string_view who);

/// Writes the reports of a run, and what is accepted as baseline unless it was interrupted.
void finish_reports(std::span<const std::unique_ptr<ReportWriter>> reports, const CaseOptions& cases,
                    const CaseRunOptions& run, Baseline* baseline, const std::optional<std::string>& libtorch,
                    const Tally& tally, double seconds);

/// Ends the output with the verdict of the whole, and gives the exit code: with a baseline, by what got worse.
int conclude(const Tally& tally, const CaseRunOptions& run, const Baseline* baseline,
             std::span<const std::string> operators, std::string_view who);

}  // namespace refloop::cli
