#include "cli/case_options.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>

namespace refloop::cli {
namespace {

std::string operator_name(const Case& c) { return fmt::format("{}{}d", c.family->name, c.dims); }

void check_operators(const std::vector<std::string>& names) {
  std::vector<std::string> known;
  for (const Family* family : families) {
    known.emplace_back(family->name);
    for (int dims = 1; dims <= 3; ++dims) known.push_back(fmt::format("{}{}d", family->name, dims));
  }
  for (const auto& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    throw Error(fmt::format("there is no operator {}; --op takes {}", name, fmt::join(known, ", ")));
  }
}

bool wanted_operator(const Case& c, const std::vector<std::string>& names) {
  return names.empty() || std::any_of(names.begin(), names.end(), [&](const std::string& name) {
           return name == c.family->name || name == operator_name(c);
         });
}

/// Without blanks around it, or the \r of a file from Windows.
std::string_view trimmed(std::string_view line) {
  constexpr std::string_view blanks = " \t\r";
  line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
  return line.substr(0, line.find_last_not_of(blanks) + 1);
}

std::vector<Case> named_cases(const CaseOptions& options) {
  std::vector<Case> cases;
  for (const auto& text : options.texts) cases.push_back(parse(text));
  if (options.file.empty()) return cases;
  std::ifstream file(options.file);
  if (!file || std::filesystem::is_directory(options.file)) throw Error(fmt::format("can't read {}", options.file));
  int number = 0;
  for (std::string line; std::getline(file, line);) {
    ++number;
    const std::string_view text = trimmed(line);
    if (text.empty() || text[0] == '#') continue;
    try {
      cases.push_back(parse(text));
    } catch (const Error& error) {
      throw Error(fmt::format("{}, line {}: {}", options.file, number, error.what()));
    }
  }
  return cases;
}

std::vector<Case> sweep_cases() {
  std::vector<Case> cases;
  for (const Family* family : families) {
    for (auto& sweep : family->sweeps()) cases.insert(cases.end(), sweep.cases.begin(), sweep.cases.end());
  }
  return cases;
}

/// More than anybody runs; a negative number, which wraps, is more.
constexpr std::uint64_t most_random = 1'000'000'000'000;

}  // namespace

void add_case_options(CLI::App& command, CaseOptions& options) {
  command.add_option("--op", options.operators, "only these operators: conv, conv2d, ...");
  command.add_option("--filter", options.filter, "only cases whose text the regular expression matches");
  command.add_option("--case", options.texts, "this case; refloop help case tells how cases are written");
  command.add_option("--cases", options.file, "the cases of a file, one a line, # for comments");
  command.add_option("--random", options.random, "so many random cases instead of the sweeps")
      ->check(CLI::Range(std::uint64_t{0}, most_random));
  command.add_option("--seed", options.seed, "the seed of the random cases (0)");
}

Cases select_cases(const CaseOptions& options, std::uint64_t usual_random) {
  check_operators(options.operators);
  std::optional<std::regex> pattern;
  try {
    if (!options.filter.empty()) pattern.emplace(options.filter);
  } catch (const std::regex_error& error) {
    throw Error(fmt::format("--filter takes a regular expression; '{}' is none: {}", options.filter, error.what()));
  }
  const auto wanted = [&](const Case& c) {
    return wanted_operator(c, options.operators) && (!pattern || std::regex_search(to_text(c), *pattern));
  };

  Cases cases;
  const bool by_name = !options.texts.empty() || !options.file.empty();
  if (by_name || !options.random) {
    cases.named = by_name ? named_cases(options) : sweep_cases();
    std::erase_if(cases.named, [&](const Case& c) { return !wanted(c); });
  }
  const std::uint64_t random = options.random.value_or(by_name ? 0 : usual_random);
  constexpr auto family_count = std::size(families);
  for (std::uint64_t index = 0; index < random; ++index) {
    const Case c = sample(*families[index % family_count], options.seed, index / family_count);
    if (wanted(c)) cases.random.push_back(c);
  }
  return cases;
}

}  // namespace refloop::cli
