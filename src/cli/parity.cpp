// refloop parity: the loops against the LibTorch that is here.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <csignal>
#include <cstdint>
#include <ctime>
#include <limits>
#include <memory>

#include "check/stopwatch.h"
#include "cli/case_options.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/tally.h"
#include "cli/terminal.h"
#include "cli/torch_module.h"

namespace refloop::cli {
namespace {

constexpr std::uint64_t usual_random = 10'000;

struct ParityOptions {
  CaseOptions cases;
  std::vector<std::string> paths, reports;
  int jobs = 1;
  double minutes = 0;
};

bool comparable(const Case& c, const Subject& subject) {
  return subject.order(c) != nullptr || c.family->all_orders_agree(c);
}

bool contains(const std::vector<std::string>& names, const std::string& name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

/// A path of this run, without the promises that it was seen to break.
struct Chosen {
  const parity::Path& path;
  Subject subject;
  std::set<std::string> broken;
};

bool is_usual(const parity::Path& path, const parity::Library& library, std::span<const Chosen> chosen) {
  switch (path.usual) {
    case parity::Usual::always:
      return true;
    case parity::Usual::where_built_in:
      return library.onednn;
    case parity::Usual::where_an_order_is_broken:
      return std::any_of(chosen.begin(), chosen.end(), [](const Chosen& other) { return !other.broken.empty(); });
    case parity::Usual::never:
      return false;
  }
  return false;
}

/// Those asked for by name; else all that are usual here.
std::vector<Chosen> choose_paths(const parity::Library& library, const std::vector<std::string>& names) {
  std::vector<Chosen> chosen;
  for (std::size_t at = 0; at < library.subjects.size(); ++at) {
    const parity::Path& path = parity::paths[at];
    const Subject& subject = library.subjects[at];
    if (names.empty() ? !is_usual(path, library, chosen) : !contains(names, path.name)) continue;
    // Where the sums are in order whatever the BLAS, a difference is never the order's.
    const auto broken = path.sums_in_order ? std::set<std::string>() : broken_promises(subject, library.summed_by);
    chosen.push_back({path, without_promises(subject, broken, library.summed_by), broken});
  }
  return chosen;
}

/// Which LibTorch this is, and what of it is not compared on random floats.
std::string head_lines(const parity::Library& library, std::span<const Chosen> chosen) {
  std::string text =
      fmt::format("LibTorch {}, ATen capability {}, matrix product of {}{}\n", library.version, library.capability,
                  library.matrix_product, library.onednn ? "" : ", built without oneDNN");
  const auto broken =
      std::find_if(chosen.begin(), chosen.end(), [](const Chosen& path) { return !path.broken.empty(); });
  if (broken == chosen.end()) return text;
  text += fmt::format(
      "Random floats of {} are compared on the textbook path only, LibTorch with the matrix product "
      "replaced by refloop's: its own sums in another order.\n",
      fmt::join(broken->broken, ", "));
  return text;
}

/// When Ctrl-C or SIGTERM first came, in milliseconds of a clock that runs on; 0 before it: the run ends behind the
/// cases at hand, and tells what was done.
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

/// While it lives, Ctrl-C and SIGTERM ask for the end.
class InterruptGuard {
 public:
  InterruptGuard() {
    std::signal(SIGINT, on_interrupt);
    std::signal(SIGTERM, on_interrupt);
  }
  ~InterruptGuard() {
    std::signal(SIGINT, SIG_DFL);
    std::signal(SIGTERM, SIG_DFL);
  }
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
};

/// Shrinking runs a subject hundreds of times: of more failures than these only the known mistakes are looked for.
constexpr std::uint64_t most_shrunk = 100;

/// Everything natively, and on the textbook path where that runs; what is exact in any order through oneDNN as well;
/// the modules on the sweeps. Where paths were asked for by name, each of them on every case.
class ParityRun {
 public:
  ParityRun(const ParityOptions& options, std::span<const Chosen> paths, const CaseSource& source)
      : options_(options), paths_(paths), source_(source) {
    for (const Chosen& path : paths) subjects_.push_back(path.subject);
  }

  void run(Tally& tally, std::span<const std::unique_ptr<ReportWriter>> reports) {
    Progress progress(endless() ? 0 : source_.count());
    RunOptions run_options;
    run_options.jobs = options_.jobs;
    run_options.digests = reports.empty() ? Digests::where_it_fails : Digests::always;
    run_options.stop = [this] { return stopped(); };
    run_options.is_for = [this](const Case& c, std::size_t at, std::uint64_t number) {
      const Chosen& chosen = paths_[at];
      const bool takes_all = !options_.paths.empty() || chosen.path.takes_random_cases;
      return takes_all || (number < source_.named_count() && comparable(c, chosen.subject));
    };
    run_options.on_result = [&](const Result& judged) {
      Result result = judged;
      if (fails(result.verdict)) {
        const auto subject = std::find_if(subjects_.begin(), subjects_.end(),
                                          [&](const Subject& one) { return one.name == result.subject; });
        if (tally.failures() < most_shrunk) {
          diagnose(result, *subject);
        } else {
          explain(result, *subject);
        }
      }
      tally.add(result);
      for (const auto& report : reports) report->add(result);
      progress.count(result.number, tally.failures());
    };
    const auto counted = [this](std::uint64_t number) {
      ++seen_;
      return source_(number);
    };
    const std::uint64_t count = endless() ? std::numeric_limits<std::uint64_t>::max() : source_.count();
    refloop::run(count, counted, subjects_, run_options);
  }

  double seconds() const { return watch_.seconds(); }
  /// Cases that --minutes left undone.
  std::uint64_t left_undone() const {
    return endless() ? 0 : source_.count() - std::min(seen_.load(), source_.count());
  }

 private:
  bool endless() const { return options_.minutes > 0 && !options_.cases.random; }
  bool stopped() const { return interrupted_ms != 0 || (options_.minutes > 0 && seconds() > options_.minutes * 60); }

  const ParityOptions& options_;
  std::span<const Chosen> paths_;
  std::vector<Subject> subjects_;
  const CaseSource& source_;
  Stopwatch watch_;
  std::atomic<std::uint64_t> seen_ = 0;
};

/// How the time was shared out, in percent.
std::string time_line(const Tally& tally, double seconds, int jobs) {
  const double worked = std::max(seconds * jobs, 1e-9);
  const auto per_second = static_cast<double>(tally.results()) / std::max(seconds, 1e-9);
  return fmt::format("{} results in {:.1f} s, {}/s; time: LibTorch {:.0f} %, loops {:.0f} %, engine {:.0f} %\n",
                     with_commas(tally.results()), seconds, with_commas(static_cast<std::uint64_t>(per_second)),
                     100 * tally.subject_seconds() / worked, 100 * tally.reference_seconds() / worked,
                     100 * (1 - (tally.subject_seconds() + tally.reference_seconds()) / worked));
}

/// Ends the output with the verdict of the whole, and gives the exit code.
int conclude(const Tally& tally, std::span<const std::string> operators) {
  if (interrupted_ms == 0) {
    fmt::print("{}", tally.last_line(operators));
    return tally.exit_code(operators);
  }
  fmt::print("interrupted: this is what was done until then\n");
  return tally.failures() > 0 ? failed : impossible;
}

int run_parity(const ParityOptions& options) {
  const CaseSource source(options.cases, usual_random);
  const auto stands_alone =
      std::find_if(std::begin(parity::paths), std::end(parity::paths),
                   [&](const parity::Path& path) { return path.stands_alone && contains(options.paths, path.name); });
  const bool as_installed = stands_alone != std::end(parity::paths);
  if (as_installed && options.paths.size() > 1) {
    throw Error(fmt::format("--torch {} stands alone: the other paths change what LibTorch reads when it is loaded",
                            stands_alone->name));
  }
  const auto reports = open_reports(options.reports);
  const parity::Library& library = load_torch(as_installed);
  const std::vector<Chosen> paths = choose_paths(library, options.paths);
  fmt::print("{}", head_lines(library, paths));

  const InterruptGuard until_the_reports_are_written;
  Tally tally;
  ParityRun parity_run(options, paths, source);
  parity_run.run(tally, reports);

  const double seconds = parity_run.seconds();
  if (tally.results() > 0) fmt::print("\n{}\n{}", tally.table(), time_line(tally, seconds, options.jobs));
  fmt::print("{}", tally.stories(parity_command));
  if (source.skipped_lines() > 0) fmt::print("{} lines were no cases\n", with_commas(source.skipped_lines()));
  if (interrupted_ms == 0 && parity_run.left_undone() > 0) {
    fmt::print("the time was up: {} of {} cases were not run\n", with_commas(parity_run.left_undone()),
               with_commas(source.count()));
  }
  ReportHead head;
  head.libtorch = library.version;
  head.command = kept_command(command_words());
  head.seed = options.cases.seed;
  if (!options.cases.shard.empty()) head.shard = options.cases.shard;
  head.seconds = seconds;
  for (const auto& report : reports) report->finish(head, tally);
  return conclude(tally, options.cases.operators);
}

}  // namespace

void add_parity(CLI::App& program, int& exit_code) {
  auto* const command = program.add_subcommand("parity", "Compares the loops with LibTorch, bit for bit");
  const auto options = std::make_shared<ParityOptions>();
  add_case_options(*command, options->cases);
  std::vector<std::string> names;
  std::string says = "which LibTorch, more than one if you like:";
  for (const auto& path : parity::paths) {
    names.emplace_back(path.name);
    says += fmt::format("\n{}: {}", path.name, path.says);
  }
  command->add_option("--torch", options->paths, says)->check(CLI::IsMember(names));
  command->add_option("--jobs", options->jobs, "cases judged side by side (1)")->check(between(1, 1024));
  command->add_option("--minutes", options->minutes, "random cases until so many minutes have passed")
      ->check([](const std::string& text) {
        double number = 0;
        const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
        const bool read = error == std::errc{} && end == text.data() + text.size();
        return read && number > 0 ? std::string() : fmt::format("takes a number above 0, not {}", text);
      });
  add_report_option(*command, options->reports);
  command->footer("Example: refloop parity --op conv2d --random 1000 --seed 7");
  command->callback([options, &exit_code] { exit_code = run_parity(*options); });
}

}  // namespace refloop::cli
