// Judging a kernel of the program itself: on the cases of a tier, with the report that the program `refloop` gives.
#include <fmt/format.h>

#include <algorithm>
#include <fstream>
#include <optional>
#include <ostream>
#include <set>
#include <thread>

#include "check/diagnoses.h"
#include "check/quoted.h"
#include "check/stopwatch.h"
#include "check/table.h"
#include "check/tally.h"
#include "subjects/callable.h"

namespace refloop {
namespace {

constexpr std::string_view case_option = "--refloop-case";

/// The program's own command line: what it is asked behind --refloop-case, and the rest.
struct CommandLine {
  std::vector<std::string> words, cases;
};
CommandLine command_line() {
  std::ifstream line("/proc/self/cmdline");
  CommandLine told;
  for (std::string word; std::getline(line, word, '\0');) {
    if (word != case_option) {
      told.words.push_back(word);
    } else if (std::getline(line, word, '\0')) {
      told.cases.push_back(word);
    }
  }
  return told;
}

const Tier& asked_tier(const CheckOptions& options) {
  const Tier* const tier = tier_of(options.tier);
  if (tier == nullptr || tier->name == "soak") {
    throw Error(fmt::format("tier: takes smoke or full, not \"{}\"", options.tier));
  }
  return *tier;
}

std::vector<Case> cases_by_name(const Callable::Said& said, const std::vector<std::string>& texts) {
  std::vector<Case> cases;
  for (const std::string& text : texts) {
    const Case c = parse(text);
    if (!said.signature.matches(c)) {
      throw Error(
          fmt::format("{} is no case for this kernel, which is {} by its signature", text, to_text(said.signature)));
    }
    cases.push_back(c);
  }
  return cases;
}

/// What the command line asks for, of this kernel: in a program that checks several it may be another's.
std::optional<std::vector<Case>> asked_again(const Callable& kernel) {
  const std::vector<std::string> asked = command_line().cases;
  if (asked.empty()) return std::nullopt;
  std::vector<Case> cases;
  for (const std::string& text : asked) {
    const Case c = parse(text);
    if (kernel.said().signature.matches(c)) cases.push_back(c);
  }
  return cases;
}

Diagnoses diagnoses_without_stop() {
  return Diagnoses([] { return false; });
}

}  // namespace

std::vector<Case> cases_of(const Callable& kernel, const CheckOptions& options) {
  const Callable::Said& said = kernel.said();
  const Tier& tier = asked_tier(options);
  if (!options.cases.empty()) return cases_by_name(said, options.cases);

  std::vector<Takes> takes;
  for (const Pattern& pattern : said.takes.empty() ? std::vector{said.signature} : said.takes) {
    if (!is_comparable(pattern)) throw Error(fmt::format("no case like {} can be judged", to_text(pattern)));
    takes.push_back({.patterns = {pattern}, .always = pattern});
  }
  const Suite suite(takes, {.sweeps = !options.random,
                            .most_named = tier.most_named,
                            .most_work = tier.most_work,
                            .random = options.random.value_or(tier.random),
                            .seed = options.seed,
                            .layouts = said.layouts});
  std::vector<Case> cases;
  std::set<std::string> seen;
  for (std::uint64_t number = 0; number < suite.count(); ++number) {
    const Case c = suite(number)->subject_case();
    if (seen.insert(to_text(c)).second) cases.push_back(c);
  }
  return cases;
}

// ---- case by case ----

struct CaseJudge::State {
  Subject subject;
  Diagnoses diagnoses = diagnoses_without_stop();
  Likenesses likenesses{};
  std::set<std::string> told{};  // smallest cases
};

CaseJudge::CaseJudge(const Callable& kernel) : state_(std::make_shared<State>(State{.subject = subject_of(kernel)})) {}

Result CaseJudge::operator()(const Case& c) {
  Result result = judge(c, state_->subject);
  if (!fails(result.verdict)) return result;
  state_->diagnoses.add(result, state_->subject);
  state_->likenesses.add(result);
  return result;
}

std::string CaseJudge::story(const Result& failure, const std::string& again) const {
  Result told = failure;
  if (!failure.smallest.empty() && !state_->told.insert(failure.smallest).second) told.picture.clear();
  return refloop::story(told, state_->likenesses, std::string(to_text(failure.verdict)), again);
}

// ---- a whole tier ----

struct Report::State {
  std::string name;
  Tally tally{};
  std::vector<Result> failures{};
  double seconds = 0;
  std::uint64_t left_undone = 0;
  bool is_anothers = false;  // the case that the command line asks for
};

int Report::exit_code() const {
  return state_->is_anothers ? passed : state_->tally.exit_code({});
}

std::uint64_t Report::count(Verdict verdict) const {
  return state_->tally.count(verdict);
}

const std::vector<Result>& Report::failures() const {
  return state_->failures;
}

std::ostream& operator<<(std::ostream& out, const Report& report) {
  const Report::State& state = *report.state_;
  if (state.is_anothers) return out << state.name << ": passed over, " << case_option << " is no case of its\n";
  std::string again;
  for (const std::string& word : command_line().words) again += quoted(word) + ' ';
  again += fmt::format("{} ", case_option);
  out << state.tally.table()
      << fmt::format("{} results in {:.1f} s\n", with_commas(state.tally.results()), state.seconds)
      << state.tally.stories([&](const Result&) { return again; });
  if (state.left_undone > 0)
    out << fmt::format("the time was up: {} cases were not run\n", with_commas(state.left_undone));
  return out << state.tally.last_line({}, state.name);
}

Report check(const Callable& kernel, const CheckOptions& options) {
  const Tier& tier = asked_tier(options);
  const auto again = asked_again(kernel);
  const std::vector<Case> cases = again ? *again : cases_of(kernel, options);
  const Subject subject = subject_of(kernel);
  auto state = std::make_shared<Report::State>(Report::State{.name = subject.name});
  Diagnoses diagnoses = diagnoses_without_stop();
  const Stopwatch watch;
  const bool by_name = again || !options.cases.empty();
  state->is_anothers = again && cases.empty();
  const int processors = static_cast<int>(std::max(1U, std::thread::hardware_concurrency()));
  const bool one_by_one = kernel.said().in_process && !kernel.said().at_once;
  RunOptions run_options;
  run_options.jobs = one_by_one ? 1 : options.jobs > 0 ? options.jobs : processors;
  run_options.stop = [&] { return !by_name && tier.most_seconds > 0 && watch.seconds() > tier.most_seconds; };
  run_options.on_result = [&](const Result& judged) {
    Result result = judged;
    if (fails(result.verdict)) diagnoses.add(result, subject);
    if (fails(result.verdict)) state->failures.push_back(result);
    state->tally.add(result);
  };
  run(cases, subject, run_options);
  state->seconds = watch.seconds();
  state->left_undone = cases.size() - state->tally.results();
  Report report;
  report.state_ = state;
  return report;
}

}  // namespace refloop
