#include "cli/case_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <re2/re2.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <functional>
#include <iostream>
#include <limits>
#include <memory>

#include "check/mix.h"
#include "cli/commands.h"
#include "cli/report.h"

namespace refloop::cli {
namespace {

void check_operators(const std::vector<std::string>& names) {
  std::vector<std::string> known;
  for (const Family* family : families) {
    known.emplace_back(family->name);
    for (int dims = 1; dims <= 3; ++dims) known.push_back(operator_name(*family, dims));
  }
  for (const auto& name : names) {
    if (std::find(known.begin(), known.end(), name) != known.end()) continue;
    throw Error(fmt::format("there is no operator {}; --op takes {}", name, fmt::join(known, ", ")));
  }
}

bool is_asked(const std::vector<std::string>& names, const Family& family, int dims) {
  return names.empty() || std::any_of(names.begin(), names.end(), [&](const std::string& name) {
           return name == family.name || name == operator_name(family, dims);
         });
}

/// Without blanks around it, or the \r of a file from Windows.
std::string_view trimmed(std::string_view line) {
  constexpr std::string_view blanks = " \t\r";
  line.remove_prefix(std::min(line.find_first_not_of(blanks), line.size()));
  return line.substr(0, line.find_last_not_of(blanks) + 1);
}

/// The lines of a file, or of standard input where it is `-`.
void for_each_line(const std::string& name, const std::function<void(const std::string&)>& visit) {
  std::ifstream file;
  if (name != "-") file.open(name);
  if (!file || (name != "-" && std::filesystem::is_directory(name))) throw Error(fmt::format("can't read {}", name));
  std::istream& in = name == "-" ? std::cin : file;
  for (std::string line; std::getline(in, line);) visit(line);
}

/// The cases of --case and --cases. Of lines that are none all are counted, and the first ten told.
std::vector<Case> named_cases(const CaseOptions& options, std::uint64_t& skipped_lines) {
  constexpr std::uint64_t most_told = 10;
  std::vector<Case> cases;
  for (const auto& text : options.texts) cases.push_back(parse(text));
  if (options.file.empty()) return cases;
  std::uint64_t number = 0;
  std::string told;
  for_each_line(options.file, [&](const std::string& line) {
    ++number;
    const std::string_view text = trimmed(line);
    if (text.empty() || text[0] == '#') return;
    try {
      cases.push_back(parse(text));
    } catch (const Error& error) {
      if (skipped_lines++ < most_told) told += fmt::format("\n  line {}: {}", number, error.what());
    }
  });
  if (skipped_lines > 0 && !options.skip_illegal) {
    throw Error(fmt::format("{}: {} {} no case; --skip-illegal passes over such{}", options.file, skipped_lines,
                            skipped_lines == 1 ? "line is" : "lines are", told));
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

/// One of the parts, or the whole.
Shards read_shard(const std::string& text) {
  if (text.empty()) return {.numbers = {1}, .of = 1};
  Shards shards = read_shards(text);
  if (shards.numbers.size() > 1)
    throw Error(fmt::format("--shard takes I/N with I from 1 to N, as in 3/16, not '{}'", text));
  return shards;
}

/// More than anybody runs; a negative number, which wraps, is more.
constexpr std::uint64_t most_random = 1'000'000'000'000;

}  // namespace

void add_case_options(CLI::App& command, CaseOptions& options) {
  command.add_option("--op", options.operators, "only these operators: conv, conv2d, ...");
  command.add_option("--like", options.patterns,
                     "random cases like this partial text, as conv2d_k3_s1_f32; of the sweeps, those that are");
  command.add_option("--filter", options.filter, "only cases whose text the regular expression matches");
  command.add_option("--case", options.texts, "this case; refloop help case tells how cases are written");
  command.add_option("--cases", options.file,
                     "the cases of a file, or of standard input (-), one a line, # for comments");
  command.add_flag("--skip-illegal", options.skip_illegal,
                   "pass over lines of --cases that are no cases, and count them");
  command.add_option("--random", options.random, "so many random cases instead of the sweeps")
      ->check(between(0, most_random));
  command.add_option("--seed", options.seed, "the seed of the random cases (0)")
      ->check(between(0, std::numeric_limits<std::uint64_t>::max()));
  command.add_option("--shard", options.shard, "I/N: only the I-th of N parts, chosen by a hash of the case");
}

std::function<bool(const Case&)> asked_filter(const CaseOptions& options) {
  check_operators(options.operators);
  std::vector<Pattern> patterns;
  for (const auto& text : options.patterns) patterns.push_back(parse_pattern(text));
  return [names = options.operators, patterns](const Case& c) {
    const bool is_like = patterns.empty() || std::any_of(patterns.begin(), patterns.end(),
                                                         [&](const Pattern& one) { return one.matches(c); });
    return is_like && is_asked(names, *c.family, c.dims);
  };
}

std::vector<Pattern> patterns_of(const CaseOptions& options) {
  check_operators(options.operators);
  std::vector<Pattern> patterns;
  for (const auto& text : options.patterns) {
    Pattern pattern = parse_pattern(text);
    if (is_asked(options.operators, *pattern.family, *pattern.dims)) patterns.push_back(std::move(pattern));
  }
  if (!options.patterns.empty()) return patterns;
  for (const Family* family : families) {
    const auto asks_for = [&](const std::string& name) {
      return std::find(options.operators.begin(), options.operators.end(), name) != options.operators.end();
    };
    if (options.operators.empty() || asks_for(std::string(family->name))) {
      patterns.push_back({.family = family});
      continue;
    }
    for (int dims = 1; dims <= 3; ++dims) {
      if (asks_for(operator_name(*family, dims))) patterns.push_back({.family = family, .dims = dims});
    }
  }
  return patterns;
}

std::vector<std::string> named_operators(const CaseOptions& options) {
  std::vector<std::string> names = options.operators;
  for (const std::string& text : options.texts) names.push_back(operator_name(parse(text)));
  for (const std::string& text : options.patterns) {
    const Pattern pattern = parse_pattern(text);
    names.push_back(operator_name(*pattern.family, *pattern.dims));
  }
  return names;
}

std::function<bool(const Case&)> case_filter(const CaseOptions& options) {
  std::shared_ptr<const re2::RE2> filter;
  if (!options.filter.empty()) {
    filter = std::make_shared<const re2::RE2>(options.filter, re2::RE2::Quiet);
    if (!filter->ok()) {
      throw Error(
          fmt::format("--filter takes a regular expression; '{}' is none: {}", options.filter, filter->error()));
    }
  }
  return [filter, shard = read_shard(options.shard)](const Case& c) {
    if (!filter && shard.of == 1) return true;
    const std::string text = to_text(c);
    return hash(text) % shard.of == *shard.numbers.begin() - 1 && (!filter || re2::RE2::PartialMatch(text, *filter));
  };
}

CaseSource::CaseSource(const CaseOptions& options, std::uint64_t usual_random)
    : patterns_(patterns_of(options)), is_wanted_(case_filter(options)), seed_(options.seed) {
  const bool by_name = !options.texts.empty() || !options.file.empty();
  random_count_ = patterns_.empty() ? 0 : options.random.value_or(by_name ? 0 : usual_random);
  if (!by_name && options.random) return;
  named_ = by_name ? named_cases(options, skipped_lines_) : sweep_cases();
  std::erase_if(named_, std::not_fn(asked_filter(options)));
}

std::optional<Prepared> CaseSource::operator()(std::uint64_t number) const {
  if (number < named_.size()) {
    const Case& c = named_[number];
    return is_wanted_(c) ? std::optional<Prepared>(c) : std::nullopt;
  }
  const std::uint64_t index = number - named_.size();
  Prepared drawn = sample(patterns_[index % patterns_.size()], seed_, index / patterns_.size());
  if (!is_wanted_(drawn.subject_case())) return std::nullopt;
  return drawn;
}

}  // namespace refloop::cli
