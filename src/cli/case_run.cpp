#include "cli/case_run.h"

#include <fmt/format.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <csignal>
#include <ctime>
#include <limits>

#include "check/diagnoses.h"
#include "check/table.h"
#include "cli/commands.h"
#include "cli/progress.h"

namespace refloop::cli {
namespace {

/// When Ctrl-C or SIGTERM first came, in milliseconds of a clock that runs on; 0 before it.
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
  std::signal(SIGINT, on_interrupt);
  std::signal(SIGTERM, on_interrupt);
}

InterruptGuard::~InterruptGuard() {
  std::signal(SIGINT, SIG_DFL);
  std::signal(SIGTERM, SIG_DFL);
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
}

void CaseRun::run(const CaseList& cases, bool endless, Tally& tally,
                  std::span<const std::unique_ptr<ReportWriter>> reports,
                  const std::function<void(const Result&)>& watch, const std::function<bool()>& stop) {
  Progress progress(endless ? 0 : cases.count);
  std::atomic<std::uint64_t> seen = 0;
  RunOptions run_options;
  run_options.jobs = options_.jobs;
  run_options.digests = reports.empty() ? Digests::where_it_fails : Digests::always;
  run_options.stop = [&] {
    return is_interrupted() || (options_.minutes > 0 && seconds() > options_.minutes * 60) || stop();
  };
  Diagnoses diagnoses(is_interrupted);
  run_options.is_for = cases.is_for;
  run_options.invariance = options_.invariance;
  run_options.on_result = [&](const Result& judged) {
    Result result = judged;
    if (fails(result.verdict) && !options_.invariance) {
      const auto subject = std::find_if(subjects_.begin(), subjects_.end(),
                                        [&](const Subject& one) { return one.name == result.subject; });
      diagnoses.add(result, *subject);
    }
    tally.add(result);
    watch(result);
    for (const auto& report : reports) report->add(result);
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
                    const CaseRunOptions& run, const std::optional<std::string>& libtorch, const Tally& tally,
                    double seconds) {
  ReportHead head;
  head.libtorch = libtorch;
  head.command = kept_command(command_words());
  head.seed = cases.seed;
  head.declared = declared_in_words(run.declared);
  if (!cases.shard.empty()) head.shard = cases.shard;
  head.seconds = seconds;
  for (const auto& report : reports) report->finish(head, tally);
}

int conclude(const Tally& tally, const CaseRunOptions& run, std::span<const std::string> operators,
             std::string_view who) {
  if (!is_interrupted()) {
    const bool all_equal = run.invariance && tally.exit_code(operators) == passed;
    if (all_equal) fmt::print("EXACT: {} gives the same bits in every variation; no reference was computed\n", who);
    if (!all_equal) fmt::print("{}", tally.last_line(operators, who));
    return tally.exit_code(operators);
  }
  fmt::print("interrupted: this is what was done until then\n");
  return tally.failures() > 0 ? failed : impossible;
}

}  // namespace refloop::cli
