// refloop mistakes: every known mistake, run on purpose, and what catches it.
#include <fmt/format.h>

#include <memory>

#include "cli/commands.h"
#include "cli/terminal.h"
#include "refloop/check.h"

namespace refloop::cli {
namespace {

struct Catch {
  std::size_t tried = 0, caught = 0;
  std::string smallest, sweeps;
};

Catch try_mistake(const Family& family, const Mistake& mistake) {
  const Subject subject = wrong_kernel(family, mistake);
  Catch found;
  std::optional<Result> first;
  for (const Sweep& sweep : family.sweeps()) {
    const auto results = run(sweep.cases, subject);
    std::size_t caught = 0;
    for (const Result& result : results) {
      if (!fails(result.verdict)) continue;
      ++caught;
      if (!first) first = result;
    }
    found.tried += results.size();
    found.caught += caught;
  }
  if (first) {
    diagnose(*first, subject);
    found.smallest = first->smallest;
  }
  return found;
}

int run_mistakes(bool sources) {
  int code = passed;
  for (const Family* family : families) {
    std::vector<std::vector<std::string>> rows{{family->name.data(), "what goes wrong", "caught by", "smallest case"}};
    if (sources) rows[0].emplace_back("seen in");
    std::size_t caught_count = 0;
    for (const Mistake& mistake : family->mistakes) {
      const Catch found = try_mistake(*family, mistake);
      caught_count += found.caught > 0;
      rows.push_back({std::string(mistake.name), std::string(mistake.says),
                      fmt::format("{} of {}", with_commas(found.caught), with_commas(found.tried)),
                      found.caught > 0 ? found.smallest : "NOT CAUGHT"});
      if (sources) rows.back().emplace_back(mistake.source);
    }
    fmt::print("{}{} of {} known mistakes caught\n\n", table(rows), caught_count, family->mistakes.size());
    if (caught_count < family->mistakes.size()) code = failed;
  }
  return code;
}

}  // namespace

void add_mistakes(CLI::App& program, int& exit_code) {
  auto* const command =
      program.add_subcommand("mistakes", "Runs every known mistake on purpose and shows which cases catch it");
  const auto sources = std::make_shared<bool>(false);
  command->add_flag("--sources", *sources, "also where each mistake was seen");
  command->footer("Example: refloop mistakes --sources");
  command->callback([sources, &exit_code] { exit_code = run_mistakes(*sources); });
}

}  // namespace refloop::cli
