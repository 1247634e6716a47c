// refloop parity: the loops against the LibTorch that is here.
#include "cli/parity.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdint>
#include <memory>

#include "check/table.h"
#include "check/tally.h"
#include "cli/case_options.h"
#include "cli/case_run.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "cli/torch_module.h"

namespace refloop::cli {
namespace {

constexpr std::uint64_t usual_random = 10'000;

struct ParityOptions {
  CaseOptions cases;
  CaseRunOptions run;
  std::vector<std::string> paths;
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
      "Random floats of {} are added in an order of this LibTorch's own: they are held to the loops' bits on the "
      "textbook "
      "path, where refloop's matrix product replaces its own, and elsewhere to known orders and the rounding bound.\n",
      fmt::join(broken->broken, ", "));
  return text;
}

/// Everything natively, and on the textbook path where that runs; what is exact in any order through oneDNN as well;
/// the modules on the sweeps. Where paths were asked for by name, each of them on every case.
CaseList cases_of(const ParityOptions& options, std::span<const Chosen> paths, const CaseSource& source) {
  return {.count = source.count(),
          .at = [&source](std::uint64_t number) { return source(number); },
          .is_for =
              [&options, paths, &source](const Case& c, std::size_t at, std::uint64_t number) {
                const Chosen& chosen = paths[at];
                const bool takes_all =
                    !options.paths.empty() || chosen.path.takes_random_cases || options.run.invariance;
                return takes_all || (number < source.named_count() && comparable(c, chosen.subject));
              }};
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
  const auto reports = open_reports(options.run.reports);
  const auto baseline = open_baseline(options.run, "parity");
  const parity::Library& library = load_torch(as_installed);
  const std::vector<Chosen> paths = choose_paths(library, options.paths);
  fmt::print("{}", head_lines(library, paths));
  std::vector<Subject> subjects;
  for (const Chosen& path : paths) {
    subjects.push_back(path.subject);
    subjects.back().declared = declared(options.run.declared);
  }

  const InterruptGuard until_the_reports_are_written;
  Tally tally;
  CaseRun run(options.run, subjects, baseline.get());
  run.run(cases_of(options, paths, source), options.run.minutes > 0 && !options.cases.random, tally, reports);

  const double seconds = run.seconds();
  if (tally.results() > 0) {
    fmt::print("\n{}\n{}", tally.table(), time_line(tally, seconds, options.run.jobs, "LibTorch"));
  }
  fmt::print("{}", tally.stories([&](const Result& result) {
    return parity_command(result) + (options.run.invariance ? " --invariant --case " : " --case ");
  }));
  if (source.skipped_lines() > 0) fmt::print("{} lines were no cases\n", with_commas(source.skipped_lines()));
  if (!is_interrupted() && run.left_undone() > 0) {
    fmt::print("the time was up: {} of {} cases were not run\n", with_commas(run.left_undone()),
               with_commas(source.count()));
  }
  finish_reports(reports, options.cases, options.run, baseline.get(), library.version, tally, seconds);
  return conclude(tally, options.run, baseline.get(), options.cases.operators, "LibTorch");
}

}  // namespace

std::string parity_command(const Result& result) {
  return fmt::format("refloop parity --torch {}", result.subject);
}

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
  add_run_options(*command, options->run);
  add_fold_option(*command, options->run.declared);
  command->footer("Example: refloop parity --op conv2d --random 1000 --seed 7");
  command->callback([options, &exit_code] { exit_code = run_parity(*options); });
}

}  // namespace refloop::cli
