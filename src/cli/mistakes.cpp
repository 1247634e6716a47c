// refloop mistakes: every known mistake, run on purpose, and what catches it.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "check/table.h"
#include "check/tally.h"
#include "cli/commands.h"
#include "cli/progress.h"
#include "refloop/check.h"

namespace refloop::cli {
namespace {

struct MistakeOptions {
  std::vector<std::string> names;
  std::string text;
  bool sources = false;
};

bool is_asked(const std::vector<std::string>& names, const Way& mistake) {
  return names.empty() || std::find(names.begin(), names.end(), mistake.name) != names.end();
}

void check_names(const MistakeOptions& options) {
  for (const std::string& name : options.names) {
    const bool known = std::any_of(std::begin(families), std::end(families), [&](const Family* family) {
      return std::any_of(family->mistakes.begin(), family->mistakes.end(),
                         [&](const Way& mistake) { return mistake.name == name; });
    });
    if (!known) throw Error(fmt::format("there is no known mistake {}; refloop mistakes lists them", name));
  }
}

/// What each of the named mistakes makes of one case.
int run_on_case(const MistakeOptions& options) {
  const Case c = parse(options.text);
  std::vector<Result> results;
  for (const Way& mistake : c.family->mistakes) {
    if (!is_asked(options.names, mistake)) continue;
    const Subject subject = wrong_kernel(mistake);
    Result result = judge(c, subject);
    if (fails(result.verdict)) diagnose(result, subject);
    Tally tally;
    tally.add(result);
    fmt::print("{}{}", results.empty() ? "" : "\n",
               tally.story(result, fmt::format("refloop mistakes {} --case ", mistake.name)));
    results.push_back(result);
  }
  if (results.empty()) {
    throw Error(fmt::format("{} has no known mistake {}", c.family->name, fmt::join(options.names, " or ")));
  }
  const bool caught = std::all_of(results.begin(), results.end(), [](const Result& one) { return fails(one.verdict); });
  return caught ? passed : failed;
}

struct Catch {
  std::size_t tried = 0, caught = 0;
  std::string smallest;
};

/// Of the mistakes that are asked for, how many cases they are tried on.
std::uint64_t count_trials(const std::vector<std::string>& names) {
  std::uint64_t count = 0;
  for (const Family* family : families) {
    const auto asked = std::count_if(family->mistakes.begin(), family->mistakes.end(),
                                     [&](const Way& mistake) { return is_asked(names, mistake); });
    if (asked == 0) continue;
    for (const Sweep& sweep : family->sweeps()) count += static_cast<std::uint64_t>(asked) * sweep.cases.size();
  }
  return count;
}

/// All mistakes on the sweeps of their families, with progress over the whole.
class MistakeRun {
 public:
  explicit MistakeRun(const std::vector<std::string>& names) : progress_(count_trials(names), "caught") {}

  Catch try_mistake(const Way& mistake, std::span<const Sweep> sweeps) {
    const Subject subject = wrong_kernel(mistake);
    Catch found;
    std::optional<Result> first;
    RunOptions options;
    options.on_result = [&](const Result& result) {
      ++found.tried;
      found.caught += fails(result.verdict);
      if (fails(result.verdict) && !first) first = result;
      progress_.count(++done_, caught_ += fails(result.verdict));
    };
    for (const Sweep& sweep : sweeps) run(sweep.cases, subject, options);
    if (first) {
      diagnose(*first, subject);
      found.smallest = first->smallest;
    }
    return found;
  }
  void print(const std::string& text) {
    progress_.clear();
    fmt::print("{}", text);
  }

 private:
  Progress progress_;
  std::uint64_t done_ = 0, caught_ = 0;
};

int run_mistakes(const MistakeOptions& options) {
  check_names(options);
  if (!options.text.empty()) return run_on_case(options);
  int code = passed;
  MistakeRun mistakes(options.names);
  for (const Family* family : families) {
    std::vector<std::vector<std::string>> rows{{family->name.data(), "what goes wrong", "caught by", "smallest case"}};
    if (options.sources) rows[0].emplace_back("seen in");
    const auto sweeps = family->sweeps();
    std::size_t tried = 0, caught_count = 0;
    for (const Way& mistake : family->mistakes) {
      if (!is_asked(options.names, mistake)) continue;
      ++tried;
      const Catch found = mistakes.try_mistake(mistake, sweeps);
      caught_count += found.caught > 0;
      rows.push_back({std::string(mistake.name), std::string(mistake.says),
                      fmt::format("{} of {}", with_commas(found.caught), with_commas(found.tried)),
                      found.caught > 0 ? found.smallest : "NOT CAUGHT"});
      if (options.sources) rows.back().emplace_back(mistake.source);
    }
    if (tried == 0) continue;
    mistakes.print(fmt::format("{}{} of {} known mistakes caught\n\n", table(rows), caught_count, tried));
    if (caught_count < tried) code = failed;
  }
  return code;
}

}  // namespace

void add_mistakes(CLI::App& program, int& exit_code) {
  auto* const command =
      program.add_subcommand("mistakes", "Runs every known mistake on purpose and shows which cases catch it");
  const auto options = std::make_shared<MistakeOptions>();
  command->add_option("names", options->names, "only these; all of them if none is given");
  command->add_option("--case", options->text, "what the mistakes make of this case, each with its story");
  command->add_flag("--sources", options->sources, "also where each mistake was seen");
  command->footer("Example: refloop mistakes dilation_ignored --case conv2d_i9_k3_d2");
  command->callback([options, &exit_code] { exit_code = run_mistakes(*options); });
}

}  // namespace refloop::cli
