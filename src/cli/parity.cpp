// refloop parity: the loops against the LibTorch that is here.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <map>
#include <memory>

#include "cli/case_options.h"
#include "cli/commands.h"
#include "cli/summary.h"
#include "cli/terminal.h"
#include "cli/torch_module.h"

namespace refloop::cli {
namespace {

constexpr std::uint64_t usual_random = 10'000;
constexpr std::size_t most_stories = 20;

struct ParityOptions {
  CaseOptions cases;
  std::vector<std::string> paths;
  int jobs = 1;
};

/// A subject that promises an order only for the families on which it was seen to keep it.
Subject with_tested_promise(Subject subject) {
  std::map<const Family*, bool> keeps;
  for (const Family* family : families) keeps[family] = keeps_order(*family, subject);
  subject.order = [keeps, promised = subject.order](const Case& c) {
    return keeps.at(c.family) ? promised(c) : Order::any;
  };
  return subject;
}

bool comparable(const Case& c, const Subject& subject) {
  return subject.order(c) != Order::any || c.family->exactness(c).all_orders_agree;
}

struct Part {
  const Subject* subject;
  std::vector<Case> cases;
};

/// Everything natively; what is exact in any order through oneDNN as well; the modules on the sweeps. Where paths were
/// asked for by name, each of them on every case.
std::vector<Part> plan(const Cases& cases, std::span<const Subject> subjects, const std::vector<std::string>& paths) {
  std::vector<Part> parts;
  for (const Subject& subject : subjects) {
    const bool asked = std::find(paths.begin(), paths.end(), subject.name) != paths.end();
    if (!paths.empty() && !asked) continue;
    if (paths.empty() && subject.name == "installed") continue;
    Part part{&subject, cases.named};
    if (asked || subject.name == "native") {
      part.cases.insert(part.cases.end(), cases.random.begin(), cases.random.end());
    } else {
      std::erase_if(part.cases, [&](const Case& c) { return !comparable(c, subject); });
    }
    parts.push_back(std::move(part));
  }
  return parts;
}

std::string reproduce(const Result& result) {
  return fmt::format("refloop parity --torch {} --case {}", result.subject, to_text(result.subject_case));
}

/// How the time was shared out, in percent.
std::string time_line(std::span<const Result> results, double seconds, int jobs) {
  double subject_seconds = 0;
  double reference_seconds = 0;
  for (const Result& result : results) {
    subject_seconds += result.subject_seconds;
    reference_seconds += result.reference_seconds;
  }
  const double worked = std::max(seconds * jobs, 1e-9);
  return fmt::format("{} results in {:.1f} s, {}/s; time: LibTorch {:.0f} %, loops {:.0f} %, engine {:.0f} %\n",
                     with_commas(results.size()), seconds,
                     with_commas(static_cast<std::uint64_t>(static_cast<double>(results.size()) / std::max(seconds, 1e-9))),
                     100 * subject_seconds / worked, 100 * reference_seconds / worked,
                     100 * (1 - (subject_seconds + reference_seconds) / worked));
}

int run_parity(const ParityOptions& options) {
  const Cases cases = select_cases(options.cases, usual_random);
  const auto asked_for = [&](const char* path) {
    return std::find(options.paths.begin(), options.paths.end(), path) != options.paths.end();
  };
  const bool as_installed = asked_for("installed");
  if (as_installed && options.paths.size() > 1) {
    throw Error("--torch installed stands alone: the other paths change what LibTorch reads when it is loaded");
  }
  const parity::Library& library = load_torch(as_installed);
  std::vector<Subject> subjects;
  for (const Subject& subject : library.subjects) {
    if (subject.name == "onednn" && !library.onednn) continue;
    const bool used = options.paths.empty() || asked_for(subject.name.c_str());
    subjects.push_back(used && subject.name != "installed" && subject.name != "onednn" ? with_tested_promise(subject)
                                                                                      : subject);
  }
  fmt::print("LibTorch {}, ATen capability {}{}\n", library.version, library.capability,
             library.onednn ? "" : ", built without oneDNN");

  const auto parts = plan(cases, subjects, options.paths);
  std::size_t total = 0;
  for (const Part& part : parts) total += part.cases.size();
  std::vector<Result> results;
  results.reserve(total);
  const auto start = std::chrono::steady_clock::now();
  {
    Progress progress(total);
    RunOptions run_options;
    run_options.jobs = options.jobs;
    run_options.on_result = [&](const Result& result) { progress.count(fails(result.verdict)); };
    for (const Part& part : parts) {
      auto done = run(part.cases, *part.subject, run_options);
      std::move(done.begin(), done.end(), std::back_inserter(results));
    }
  }
  const double seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();

  if (results.empty()) {
    fmt::print("nothing was compared: no case is left of what was asked for\n");
    return failed;
  }
  fmt::print("\n{}\n{}", tally(results), time_line(results, seconds, options.jobs));
  std::size_t told = 0;
  for (Result& result : results) {
    if (!fails(result.verdict)) continue;
    if (told++ == most_stories) break;
    const auto subject = std::find_if(subjects.begin(), subjects.end(),
                                      [&](const Subject& one) { return one.name == result.subject; });
    diagnose(result, *subject);
    fmt::print("\n{}", story(result, reproduce(result)));
  }
  const auto failures = static_cast<std::size_t>(
      std::count_if(results.begin(), results.end(), [](const Result& result) { return fails(result.verdict); }));
  if (failures > most_stories) fmt::print("\nand {} more failures\n", with_commas(failures - most_stories));

  const int code = exit_code(results);
  if (code == passed) {
    fmt::print("{}: the loops and LibTorch agree in every bit that was compared\n", coloured("EXACT", Verdict::exact));
  } else if (failures == 0) {
    fmt::print("nothing was compared: every case was skipped or could not tell\n");
  }
  return code;
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
  command->add_option("--jobs", options->jobs, "cases judged side by side (1)")->check(CLI::Range(1, 1024));
  command->footer("Example: refloop parity --op conv2d --random 1000 --seed 7");
  command->callback([options, &exit_code] { exit_code = run_parity(*options); });
}

}  // namespace refloop::cli
