// refloop export: cases as files, for a kernel on a machine that is elsewhere.
#include <fmt/format.h>

#include <memory>
#include <set>

#include "check/dispatch.h"
#include "check/suite.h"
#include "check/table.h"
#include "cli/case_options.h"
#include "cli/case_run.h"
#include "cli/commands.h"
#include "subjects/files.h"

namespace refloop::cli {
namespace {

struct ExportOptions {
  std::string folder;
  CaseOptions cases;
};

/// As many cases as one looks through: named ones and random ones.
constexpr std::size_t usual_named = 100;
constexpr std::uint64_t usual_random = 100;
constexpr Index most_work = 1'000'000;

std::vector<Case> asked_cases(const CaseOptions& options) {
  std::vector<Case> cases;
  const auto take = [&](const auto& source) {
    for (std::uint64_t number = 0; number < source.count() && !is_interrupted(); ++number) {
      if (const auto prepared = source(number)) cases.push_back(prepared->subject_case());
    }
  };
  if (!options.texts.empty() || !options.file.empty()) {
    take(CaseSource(options, 0));
    return cases;
  }
  std::vector<Takes> takes;
  for (const Pattern& pattern : patterns_of(options)) takes.push_back({.patterns = {pattern}, .always = pattern});
  take(Suite(takes, SuiteOptions{.sweeps = !options.random,
                                 .most_named = usual_named,
                                 .most_work = most_work,
                                 .random = options.random.value_or(usual_random),
                                 .seed = options.seed}));
  const auto is_wanted = case_filter(options);
  std::erase_if(cases, [&](const Case& c) { return !is_wanted(c); });
  return cases;
}

/// Adds behind what rounds in every order its twins on data that are exact, so that a bound can pass it; each case
/// once. Gives how many came in so.
std::size_t add_twins(std::vector<Case>& cases) {
  std::vector<Case> all;
  std::set<std::string> asked, taken;
  const auto add = [&](const Case& c) {
    if (taken.insert(to_text(c)).second) all.push_back(c);
  };
  for (const Case& c : cases) {
    asked.insert(to_text(c));
    add(c);
    if (is_integer_type(c.dtype) || c.family->all_orders_agree(c)) continue;
    for (const Case& twin : c.family->twins(c)) add(twin);
  }
  cases = std::move(all);
  return cases.size() - asked.size();
}

void check_dense(const std::vector<Case>& cases) {
  constexpr Memory dense;
  for (const Case& c : cases) {
    if (c.x == dense && c.w == dense && c.y == dense) continue;
    throw Error(fmt::format("{}: .npy files hold dense tensors; leave the memory out", to_text(c)));
  }
}

int run_export(const ExportOptions& options) {
  const InterruptGuard until_it_is_written;
  std::vector<Case> cases = asked_cases(options.cases);
  const std::size_t twins = add_twins(cases);
  if (cases.empty()) throw Error("no case is left of what was asked for");
  check_dense(cases);
  subjects::export_cases(options.folder, cases, is_interrupted);
  fmt::print("{} cases are in {}, {} of them twins of others on exact data; its manifest.json says where outputs go\n",
             with_commas(cases.size()), options.folder, with_commas(twins));
  return passed;
}

}  // namespace

void add_export(CLI::App& program, int& exit_code) {
  auto* const command =
      program.add_subcommand("export", "Writes cases as .npy files, for a kernel on a machine that is elsewhere");
  const auto options = std::make_shared<ExportOptions>();
  command->add_option("folder", options->folder, "where to; refloop check --dir judges the outputs that are put there")
      ->required();
  add_case_options(*command, options->cases);
  command->footer("Example: refloop export cases --like conv2d_k3_f32 --random 20");
  command->callback([options, &exit_code] { exit_code = run_export(*options); });
}

}  // namespace refloop::cli
