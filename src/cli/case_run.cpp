#include "cli/case_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <csignal>
#include <ctime>
#include <filesystem>
#include <limits>

#include "check/diagnoses.h"
#include "check/table.h"
#include "cli/commands.h"
#include "cli/progress.h"

namespace refloop::cli {
namespace {

/// When Ctrl-C or SIGTERM first came, in milliseconds of a clock that runs on; 0 before it.
constexpr int ending_signals[] = {SIGINT, SIGTERM, SIGHUP};
std::atomic<std::int64_t> interrupted_ms = 0;
static_assert(std::atomic<std::int64_t>::is_always_lock_free, "set by a signal handler");

/// The first one asks for the end, one that comes a second later ends at once. Those between are the first one again:
/// timeout(1) sends its signal to the process and to the group that the process is in.
void on_interrupt(int signal) {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  const std::int64_t now_ms = std::int64_t{now.tv_sec} * 1000 + now.tv_nsec / 1'000'000;
  std::int64_t first_ms = 0;
  if (interrupted_ms.compare_exchange_strong(first_ms, now_ms) || now_ms - first_ms < 1000) return;
  std::signal(signal, SIG_DFL);
  std::raise(signal);
}

}  // namespace

InterruptGuard::InterruptGuard() {
  for (const int signal : ending_signals) std::signal(signal, on_interrupt);
}

InterruptGuard::~InterruptGuard() {
  for (const int signal : ending_signals) std::signal(signal, SIG_DFL);
}

bool is_interrupted() {
  return interrupted_ms != 0;
}

void add_run_options(CLI::App& command, CaseRunOptions& options) {
  command.add_option("--jobs", options.jobs, fmt::format("cases judged side by side ({})", options.jobs))
      ->check(between(1, 1024));
  command.add_option("--minutes", options.minutes, "random cases until so many minutes have passed")
      ->check([](const std::string& text) {
        double number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        const bool read = error == std::errc{} && end == text.data() + text.size();
        return read && number > 0 ? std::string() : fmt::format("takes a number above 0, not {}", text);
      });
  command.add_flag(
      "--invariant", options.invariance,
      "the subject is its own oracle: the same bits for an image alone and in a batch, with 1 and n threads, "
      "elsewhere in memory");
  add_report_option(command, options.reports);
  add_baseline_options(command, options.baseline);
}

std::unique_ptr<Baseline> open_baseline(const CaseRunOptions& options, std::string_view command) {
  const std::string& file = options.baseline.file;
  if (file.empty()) return nullptr;
  for (const std::string& report : options.reports) {
    const std::string written = report.substr(report.find(':') + 1);
    if (std::filesystem::weakly_canonical(written) != std::filesystem::weakly_canonical(file)) continue;
    throw Error(
        fmt::format("--report {} would overwrite the baseline; --accept does so, and keeps what was not run", report));
  }
  return std::make_unique<Baseline>(options.baseline, command, options.invariance);
}

void CaseRun::run(const CaseList& cases, bool endless, Tally& tally,
                  std::span<const std::unique_ptr<ReportWriter>> reports,
                  const std::function<void(const Result&)>& watch, const std::function<bool()>& stop) {
  Progress progress(endless ? 0 : cases.count);
  std::atomic<std::uint64_t> seen = 0;
  RunOptions run_options;
  run_options.jobs = options_.jobs;
  run_options.digests = reports.empty() && baseline_ == nullptr ? Digests::where_it_fails : Digests::always;
  run_options.stop = [&] {
    return is_interrupted() || (options_.minutes > 0 && seconds() > options_.minutes * 60) || stop();
  };
  Diagnoses diagnoses(is_interrupted);
  run_options.is_for = cases.is_for;
  run_options.invariance = options_.invariance;
  run_options.on_result = [&](const Result& judged) {
    Result result = judged;
    const bool is_told = baseline_ == nullptr || baseline_->is_worse(result);
    if (fails(result.verdict) && !options_.invariance) {
      const auto subject = std::find_if(subjects_.begin(), subjects_.end(),
                                        [&](const Subject& one) { return one.name == result.subject; });
      if (is_told) diagnoses.add(result, *subject);
      if (!is_told) diagnoses.add_known(result, *subject, baseline_->smallest_of(result));
    }
    tally.add(result, is_told);
    watch(result);
    for (const auto& report : reports) report->add(result);
    if (baseline_ != nullptr) baseline_->add(result);
    progress.count(result.number, tally.failures());
  };
  const auto counted = [&](std::uint64_t number) {
    ++seen;
    return cases.at(number);
  };
  refloop::run(endless ? std::numeric_limits<std::uint64_t>::max() : cases.count, counted, subjects_, run_options);
  left_undone_ = endless ? 0 : cases.count - std::min(seen.load(), cases.count);
}

std::string time_line(const Tally& tally, double seconds, int jobs, std::string_view who) {
  const double worked = std::max(seconds * jobs, 1e-9);
  const auto per_second = static_cast<double>(tally.results()) / std::max(seconds, 1e-9);
  return fmt::format("{} results in {:.1f} s, {}/s; time: {} {:.0f} %, loops {:.0f} %, engine {:.0f} %\n",
                     with_commas(tally.results()), seconds, with_commas(static_cast<std::uint64_t>(per_second)), who,
                     100 * tally.subject_seconds() / worked, 100 * tally.reference_seconds() / worked,
                     100 * (1 - (tally.subject_seconds() + tally.reference_seconds()) / worked));
}

void finish_reports(std::span<const std::unique_ptr<ReportWriter>> reports, const CaseOptions& cases,
                    const CaseRunOptions& run, Baseline* baseline, const std::optional<std::string>& libtorch,
                    const Tally& tally, double seconds) {
  ReportHead head;
  head.libtorch = libtorch;
  head.command = kept_command(command_words());
  head.seed = cases.seed;
  head.declared = declared_in_words(run.declared);
  if (!cases.shard.empty()) head.shard = cases.shard;
  head.seconds = seconds;
  for (const auto& report : reports) report->finish(head, tally);
  if (baseline != nullptr && !is_interrupted()) baseline->accept(head);
}

int conclude(const Tally& tally, const CaseRunOptions& run, const Baseline* baseline,
             std::span<const std::string> operators, std::string_view who) {
  if (baseline != nullptr) fmt::print("{}", baseline->text());
  if (is_interrupted()) {
    const std::string kept = run.baseline.accept ? fmt::format("; {} stays as it was", run.baseline.file) : "";
    fmt::print("interrupted: this is what was done until then{}\n", kept);
    const bool is_bad = baseline != nullptr ? baseline->got_worse() : tally.failures() > 0;
    return is_bad ? failed : impossible;
  }
  const bool all_equal = run.invariance && tally.exit_code(operators) == passed;
  if (all_equal) fmt::print("EXACT: {} gives the same bits in every variation; no reference was computed\n", who);
  if (!all_equal) fmt::print("{}", tally.last_line(operators, who));
  if (baseline == nullptr) return tally.exit_code(operators);
  const std::string gap = tally.what_was_not_compared(operators);
  fmt::print("{}{}", tally.failures() > 0 ? gap : "", baseline->last_line());
  return gap.empty() && baseline->was_met() && !baseline->got_worse() ? passed : failed;
}

}  // namespace refloop::cli
