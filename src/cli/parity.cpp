// refloop parity: the loops against the LibTorch that is here.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <chrono>
#include <csignal>
#include <memory>

#include "cli/case_options.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/summary.h"
#include "cli/terminal.h"
#include "cli/torch_module.h"

namespace refloop::cli {
namespace {

constexpr std::uint64_t usual_random = 10'000;
constexpr std::uint64_t random_batch = 5'000;
constexpr std::size_t most_stories = 20;

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

/// Set by Ctrl-C: the run ends behind the cases at hand, and tells what was done.
std::atomic<bool> interrupted = false;
static_assert(std::atomic<bool>::is_always_lock_free, "set by a signal handler");

/// While it lives, Ctrl-C asks for the end; a second one ends at once.
class InterruptGuard {
 public:
  InterruptGuard() {
    std::signal(SIGINT, [](int) {
      interrupted = true;
      std::signal(SIGINT, SIG_DFL);
    });
  }
  ~InterruptGuard() { std::signal(SIGINT, SIG_DFL); }
  InterruptGuard(const InterruptGuard&) = delete;
  InterruptGuard& operator=(const InterruptGuard&) = delete;
};

/// Everything natively, and on the textbook path where that runs; what is exact in any order through oneDNN as well;
/// the modules on the sweeps. Where paths were asked for by name, each of them on every case.
class ParityRun {
 public:
  ParityRun(const ParityOptions& options, std::span<const Chosen> paths)
      : options_(options), paths_(paths), source_(options.cases, usual_random) {}

  std::vector<Result> run() {
    const bool until_time = options_.minutes > 0;
    const bool endless = until_time && !options_.cases.random;
    Progress progress(source_.named().size() * paths_.size() + (endless ? 0 : source_.random_count()));
    progress_ = &progress;
    const InterruptGuard guard;
    for (const Chosen& path : paths_) judge_all(source_.named(), path);
    while (!stopped() && (endless || !source_.exhausted())) {
      const auto cases = source_.next_random(random_batch, endless);
      for (const Chosen& path : paths_) {
        if (takes_all(path)) judge_all(cases, path);
      }
    }
    return std::move(results_);
  }

  double seconds() const { return std::chrono::duration<double>(Clock::now() - start_).count(); }

 private:
  using Clock = std::chrono::steady_clock;

  bool takes_all(const Chosen& chosen) const { return !options_.paths.empty() || chosen.path.takes_random_cases; }
  bool stopped() const { return interrupted || (options_.minutes > 0 && seconds() > options_.minutes * 60); }

  void judge_all(std::vector<Case> cases, const Chosen& chosen) {
    if (!takes_all(chosen)) {
      std::erase_if(cases, [&](const Case& c) { return !comparable(c, chosen.subject); });
    }
    RunOptions run_options;
    run_options.jobs = options_.jobs;
    run_options.on_result = [this](const Result& result) { progress_->count(fails(result.verdict)); };
    run_options.stop = [this] { return stopped(); };
    auto done = refloop::run(cases, chosen.subject, run_options);
    std::move(done.begin(), done.end(), std::back_inserter(results_));
  }

  const ParityOptions& options_;
  std::span<const Chosen> paths_;
  CaseSource source_;
  Clock::time_point start_ = Clock::now();
  Progress* progress_ = nullptr;
  std::vector<Result> results_;
};

/// How the time was shared out, in percent.
std::string time_line(std::span<const Result> results, double seconds, int jobs) {
  double subject_seconds = 0;
  double reference_seconds = 0;
  for (const Result& result : results) {
    subject_seconds += result.subject_seconds;
    reference_seconds += result.reference_seconds;
  }
  const double worked = std::max(seconds * jobs, 1e-9);
  const auto per_second = static_cast<double>(results.size()) / std::max(seconds, 1e-9);
  return fmt::format("{} results in {:.1f} s, {}/s; time: LibTorch {:.0f} %, loops {:.0f} %, engine {:.0f} %\n",
                     with_commas(results.size()), seconds, with_commas(static_cast<std::uint64_t>(per_second)),
                     100 * subject_seconds / worked, 100 * reference_seconds / worked,
                     100 * (1 - (subject_seconds + reference_seconds) / worked));
}

/// Smallest case and likeness of each failure: of all for a report, which must not depend on which came first.
void diagnose_failures(std::span<Result> results, std::span<const Chosen> paths, std::size_t most) {
  for (Result& result : results) {
    if (!fails(result.verdict)) continue;
    if (most-- == 0) return;
    const auto judged = std::find_if(paths.begin(), paths.end(),
                                     [&](const Chosen& path) { return path.subject.name == result.subject; });
    diagnose(result, judged->subject);
  }
}

void tell_failures(std::span<const Result> results) {
  std::size_t told = 0;
  for (const Result& result : results) {
    if (fails(result.verdict) && told++ < most_stories) fmt::print("\n{}", story(result, parity_command(result)));
  }
  if (told > most_stories) fmt::print("\nand {} more failures\n", with_commas(told - most_stories));
}

/// Ends the output with the verdict of the whole, and gives the exit code.
int conclude(std::span<const Result> results) {
  if (!interrupted) {
    fmt::print("{}", last_line(results));
    return exit_code(results);
  }
  fmt::print("interrupted: this is what was done until then\n");
  const bool any_failure =
      std::any_of(results.begin(), results.end(), [](const Result& result) { return fails(result.verdict); });
  return any_failure ? failed : impossible;
}

int run_parity(const ParityOptions& options) {
  const CaseSource refuses_bad_input_early(options.cases, 0);
  const auto stands_alone =
      std::find_if(std::begin(parity::paths), std::end(parity::paths),
                   [&](const parity::Path& path) { return path.stands_alone && contains(options.paths, path.name); });
  const bool as_installed = stands_alone != std::end(parity::paths);
  if (as_installed && options.paths.size() > 1) {
    throw Error(fmt::format("--torch {} stands alone: the other paths change what LibTorch reads when it is loaded",
                            stands_alone->name));
  }
  const parity::Library& library = load_torch(as_installed);
  const std::vector<Chosen> paths = choose_paths(library, options.paths);
  fmt::print("{}", head_lines(library, paths));

  ParityRun parity_run(options, paths);
  Report report;
  report.results = parity_run.run();
  report.seconds = parity_run.seconds();
  report.libtorch = library.version;
  report.command = kept_command(command_words());
  report.seed = options.cases.seed;

  if (!report.results.empty()) {
    fmt::print("\n{}\n{}", tally(report.results), time_line(report.results, report.seconds, options.jobs));
  }
  diagnose_failures(report.results, paths, options.reports.empty() ? most_stories : report.results.size());
  tell_failures(report.results);
  write_reports(report, options.reports);
  return conclude(report.results);
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
