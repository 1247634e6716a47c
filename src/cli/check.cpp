// refloop check: a kernel of somebody's own against the loops.
#include "cli/check.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <memory>
#include <set>
#include <thread>

#include "check/quoted.h"
#include "check/stopwatch.h"
#include "check/suite.h"
#include "check/table.h"
#include "cli/case_options.h"
#include "cli/case_run.h"
#include "cli/commands.h"
#include "cli/coverage.h"
#include "cli/outside.h"
#include "cli/report_file.h"

namespace refloop::cli {
namespace {

struct CheckOptions {
  CaseOptions cases;
  CaseRunOptions run;
  OutsideOptions kernel;
  std::string tier = "full", failures;
  Layouts layouts;
  bool asks_for_every_order = false;
};

/// Where failing cases are kept until they pass: beside no one's sources, in the folder of the run.
std::string failures_file(const CheckOptions& options, const Outside& kernel) {
  if (!options.failures.empty()) return options.failures;
  return std::filesystem::path(kernel.subject.name).stem().string() + ".failed-cases";
}

constexpr std::string_view failures_head =
    "# Cases that failed: `refloop check` runs them first, and takes off those that pass.";

/// Raises Error for a file that holds something else.
std::vector<Case> kept_failures(const std::string& file) {
  std::vector<Case> cases;
  std::ifstream in(file);
  std::string line;
  if (std::getline(in, line) && line != failures_head) {
    throw Error(fmt::format("{} does not begin as a list of failing cases does; --failures names another file", file));
  }
  while (std::getline(in, line)) {
    try {
      cases.push_back(parse(line));
    } catch (const Error&) {  // of another version: a text that is no case any more replays nothing
    }
  }
  return cases;
}

/// Each once, and not so many that they would take longer than the suite.
void keep_failures(const std::string& file, std::vector<std::string> texts) {
  constexpr std::size_t most = 100;
  std::set<std::string> seen;
  std::erase_if(texts, [&](const std::string& text) { return !seen.insert(text).second; });
  texts.resize(std::min(texts.size(), most));
  std::error_code error;
  if (texts.empty()) {
    std::filesystem::remove(file, error);
    return;
  }
  ReportFile(file).write([&](const auto& put) {
    put(std::string(failures_head) + '\n');
    for (const std::string& text : texts) put(text + '\n');
  });
  fmt::print("{} failing cases are kept in {} and run first the next time\n", texts.size(), file);
}

/// What is asked of the kernel: operators by --op, settings by --like, of those that are to be had.
std::vector<Pattern> asked_patterns(const CheckOptions& options, const Outside& kernel) {
  std::vector<Pattern> patterns;
  for (const std::string& text : options.cases.patterns) patterns.push_back(parse_pattern(text));
  if (patterns.empty()) {
    for (const Family* family : families) {
      for (int dims = 1; dims <= 3; ++dims) patterns.push_back({.family = family, .dims = dims});
    }
  }
  const auto& asked = options.cases.operators;
  std::erase_if(patterns, [&](const Pattern& pattern) {
    const std::string name = operator_name(*pattern.family, *pattern.dims);
    const bool is_asked = asked.empty() || std::any_of(asked.begin(), asked.end(), [&](const std::string& one) {
                            return one == name || one == pattern.family->name;
                          });
    return !is_asked || !kernel.operators.contains(name);
  });
  if (patterns.empty()) {
    throw Error(
        fmt::format("{} has {}, and of those nothing was asked for", kernel.called, fmt::join(kernel.operators, ", ")));
  }
  return patterns;
}

void say_not_compared(const std::string& what) {
  fmt::print("{}", folded(what + ": not compared: such data round differently in each order of summation, and no order "
                                 "is promised"));
}

void say_takes_none(const std::string& what, const Takes& takes, const Pattern& pattern) {
  fmt::print("{}", folded(fmt::format("{}: takes none of the cases that were tried ({}); --like says which it takes, "
                                      "as in --like {}_n2_c8_f32",
                                      what, takes.refusal, operator_name(*pattern.family, *pattern.dims))));
}

/// The first, dry run.
std::vector<Takes> ask(const Outside& kernel, const std::vector<Pattern>& patterns, const Layouts& layouts) {
  constexpr double most_seconds = 4;  // a slow kernel is not asked everything
  Stopwatch watch;
  const auto stop = [&] { return is_interrupted() || watch.seconds() > most_seconds; };
  const bool any_memory = layouts.strided || layouts.channels_last || layouts.unaligned;
  std::vector<Takes> all;
  std::optional<Takes> refused;
  for (const Pattern& pattern : patterns) {
    const std::string name = to_text(pattern);
    if (!is_comparable(pattern)) {
      say_not_compared(name);
      continue;
    }
    if (!kernel.names_operators) watch = {};  // what was not asked would count as taken
    const Takes takes = what_it_takes(kernel.subject, pattern, any_memory, stop);
    if (takes.patterns.empty()) {
      if (kernel.names_operators) say_takes_none(name, takes, pattern);
      refused = takes;
      continue;
    }
    std::vector<std::string> texts;
    for (const Pattern& one : takes.patterns) texts.push_back(to_text(one));
    fmt::print("{}", folded(fmt::format("{}: takes cases like {}", name, fmt::join(texts, ", "))));
    if (std::none_of(takes.patterns.begin(), takes.patterns.end(), is_comparable)) {
      say_not_compared(texts[0]);
      continue;
    }
    all.push_back(takes);
  }
  if (!kernel.names_operators && all.empty() && refused) say_takes_none(kernel.called, *refused, patterns.back());
  return all;
}

/// What passed before and is refused now, of the cases that are asked for: such are not drawn, and the kernel got
/// worse.
std::vector<Case> taken_before(const Baseline* baseline, const CaseOptions& options, std::span<const Takes> takes) {
  if (baseline == nullptr) return {};
  return baseline->passed_cases([&, is_asked = asked_filter(options)](const Case& c) {
    return is_asked(c) &&
           std::none_of(takes.begin(), takes.end(), [&](const Takes& one) { return one.always.matches(c); });
  });
}

/// Those that it turned out to have.
std::set<std::string> operators_of(const std::vector<Pattern>& patterns) {
  std::set<std::string> names;
  for (const Pattern& pattern : patterns) names.insert(operator_name(*pattern.family, *pattern.dims));
  return names;
}
std::set<std::string> operators_of(const std::vector<Takes>& all) {
  std::vector<Pattern> patterns;
  patterns.reserve(all.size());
  for (const Takes& takes : all) patterns.push_back(takes.always);
  return operators_of(patterns);
}

/// The cases that are asked for by name: of a subject that answers once, those to which it has answers.
CaseOptions asked_cases(const CheckOptions& options, const Outside& kernel) {
  CaseOptions asked = options.cases;
  if (!kernel.subject.answers_once) return asked;
  if (asked.random || options.run.minutes > 0 || options.run.invariance)
    throw Error(fmt::format(
        "{} holds answers to its own cases alone: --random, --minutes and --invariant are not for it", kernel.called));
  if (asked.texts.empty() && asked.file.empty()) {
    for (const Case& c : kernel.cases) asked.texts.push_back(to_text(c));
  }
  return asked;
}

int run_check(const CheckOptions& options) {
  const Tier& tier = *tier_of(options.tier);
  if (tier.name == "soak" && options.run.minutes <= 0) throw Error("--tier soak takes --minutes M");
  const auto reports = open_reports(options.run.reports);
  const auto baseline = open_baseline(options.run, "check");
  Outside kernel = open_outside(options.kernel);
  Subject& subject = kernel.subject;
  subject.declared = declared(options.run.declared);
  subject.takes_gaps = options.layouts.strided;
  if (options.asks_for_every_order) subject.asked_one_in = 1;
  if (kernel.names_operators) {
    fmt::print("{} has {}\n", kernel.called, fmt::join(kernel.operators, ", "));
  } else {
    fmt::print("{} names no operators, and is asked for each\n", kernel.called);
  }
  const CaseOptions asked = asked_cases(options, kernel);
  if (subject.answers_once)
    fmt::print("each case was computed once: an order of summation is told of the one draw that there is\n");
  const bool by_name = !asked.texts.empty() || !asked.file.empty();

  const InterruptGuard until_the_reports_are_written;
  const std::string kept = failures_file(options, kernel);
  std::optional<CaseSource> named;
  std::optional<Suite> suite;
  CaseList cases;
  const std::vector<Case> replayed = by_name ? std::vector<Case>() : kept_failures(kept);
  std::set<std::string> unheard;  // kept before, and not run this time
  for (const Case& c : replayed) unheard.insert(to_text(c));
  if (by_name) {
    named.emplace(asked, 0);
    cases = {.count = named->count(), .at = [&](std::uint64_t number) { return (*named)(number); }};
  } else {
    const auto patterns = asked_patterns(options, kernel);
    const auto takes = ask(kernel, patterns, options.layouts);
    kernel.operators = kernel.names_operators ? operators_of(patterns) : operators_of(takes);
    suite.emplace(takes, SuiteOptions{.sweeps = !options.cases.random,
                                      .most_named = tier.most_named,
                                      .most_work = tier.most_work,
                                      .random = options.cases.random.value_or(tier.random),
                                      .seed = options.cases.seed,
                                      .layouts = options.layouts,
                                      .replayed = replayed,
                                      .taken_before = taken_before(baseline.get(), options.cases, takes)});
    const auto is_wanted = case_filter(options.cases);
    cases = {.count = suite->count(), .at = [&suite, is_wanted](std::uint64_t number) {
               auto prepared = (*suite)(number);
               return is_wanted(prepared->subject_case()) ? std::move(prepared) : std::nullopt;
             }};
  }

  Tally tally;
  Coverage coverage;
  std::vector<std::string> failing;
  CaseRun run(options.run, std::span(&subject, 1), baseline.get());
  const auto on_result = [&](const Result& result) {
    coverage.add(result);
    unheard.erase(to_text(result.subject_case));
    if (fails(result.verdict))
      failing.push_back(result.smallest.empty() ? to_text(result.subject_case) : result.smallest);
  };
  run.run(cases, options.run.minutes > 0 && suite && suite->draws() && !options.cases.random, tally, reports, on_result,
          [&] { return tier.most_seconds > 0 && !by_name && run.seconds() > tier.most_seconds; });

  if (tally.results() > 0) {
    fmt::print("\n{}\n{}", tally.table(), coverage.table());
    fmt::print("{}", time_line(tally, run.seconds(), options.run.jobs, "the kernel"));
  }
  std::string again = check_command(command_words()) + " --case ";
  fmt::print("{}", tally.stories([&](const Result&) { return again; }));
  if (!is_interrupted() && run.left_undone() > 0) {
    fmt::print("the time was up: {} of {} cases were not run\n", with_commas(run.left_undone()),
               with_commas(cases.count));
  }
  finish_reports(reports, options.cases, options.run, baseline.get(), std::nullopt, tally, run.seconds());
  failing.insert(failing.end(), unheard.begin(), unheard.end());
  if (!by_name) keep_failures(kept, failing);
  std::vector<std::string> operators = by_name ? options.cases.operators : named_operators(options.cases);
  if (operators.empty() && !by_name) operators.assign(kernel.operators.begin(), kernel.operators.end());
  return conclude(tally, options.run, baseline.get(), operators, kernel.called);
}

}  // namespace

std::string check_command(std::span<const std::string> words) {
  std::vector<std::string> kept = outside_option_names(), flags = outside_flag_names();
  for (const std::string& name : declared_option_names()) kept.push_back(name);
  for (const std::string& name : declared_flag_names()) flags.push_back(name);
  flags.insert(flags.end(), {"--strided", "--find-orders", "--invariant"});
  std::string command = "refloop check";
  for (std::size_t at = 2; at < words.size(); ++at) {
    const std::string name = words[at].substr(0, words[at].find('='));
    const bool with_value = std::find(std::begin(kept), std::end(kept), name) != std::end(kept);
    if (!with_value && std::find(std::begin(flags), std::end(flags), name) == std::end(flags)) continue;
    command += ' ' + quoted(words[at]);
    if (!with_value || name != words[at]) continue;
    while (at + 1 < words.size() && !words[at + 1].starts_with('-')) command += ' ' + quoted(words[++at]);
  }
  return command;
}

void add_check(CLI::App& program, int& exit_code) {
  auto* const command = program.add_subcommand("check", "Judges a kernel of your own: is it right, and if not, where");
  const auto options = std::make_shared<CheckOptions>();
  auto* const kernels = command->add_option_group("kernel");
  add_outside_kernels(*kernels, options->kernel);
  kernels->require_option(1);
  add_torch_operator(*command, options->kernel);
  std::vector<std::string> names;
  std::string says = "how much is run:";
  for (const Tier& tier : tiers) {
    names.emplace_back(tier.name);
    says += fmt::format("\n{}: {}", tier.name, tier.says);
  }
  command->add_option("--tier", options->tier, says)->check(CLI::IsMember(names));
  add_case_options(*command, options->cases);
  options->run.jobs = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  add_run_options(*command, options->run);
  command->add_flag("--strided", options->layouts.strided, "also tensors with gaps, slices and transposed ones");
  command->add_flag("--channels-last", options->layouts.channels_last, "also tensors whose channels are innermost");
  add_outside_settings(*command, options->kernel);
  add_declared_options(*command, options->run.declared);
  command->add_flag("--find-orders", options->asks_for_every_order,
                    "finds the order of summation in every case that none known by name explains, not in one of 16");
  command->add_option("--failures", options->failures, "where failing cases are kept (NAME.failed-cases)");
  command->footer("Example: refloop check --lib ./libmine.so --tier smoke");
  command->callback([options, &exit_code] {
    options->layouts.unaligned = options->kernel.unaligned;
    options->kernel.operators = named_operators(options->cases);
    exit_code = run_check(*options);
  });
}

}  // namespace refloop::cli
