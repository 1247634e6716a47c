#include "cli/case_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <fstream>
#include <regex>

#include "check/mix.h"
#include "cli/commands.h"

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

struct Shard {
  std::uint64_t number = 1, of = 1;
};

Shard read_shard(const std::string& text) {
  Shard shard;
  if (text.empty()) return shard;
  const char* const end = text.data() + text.size();
  const auto first = std::from_chars(text.data(), end, shard.number);
  const auto second = first.ptr != end ? std::from_chars(first.ptr + 1, end, shard.of) : first;
  const bool read =
      first.ec == std::errc{} && second.ec == std::errc{} && first.ptr != end && *first.ptr == '/' && second.ptr == end;
  if (!read || shard.number < 1 || shard.number > shard.of) {
    throw Error(fmt::format("--shard takes I/N with I from 1 to N, as in 3/16, not '{}'", text));
  }
  return shard;
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
      ->check(between(0, most_random));
  command.add_option("--seed", options.seed, "the seed of the random cases (0)");
  command.add_option("--shard", options.shard, "I/N: only the I-th of N parts, chosen by a hash of the case");
}

CaseSource::CaseSource(const CaseOptions& options, std::uint64_t usual_random) : seed_(options.seed) {
  check_operators(options.operators);
  for (const Family* family : refloop::families) {
    bool asked = false;
    for (int dims = 1; dims <= 3; ++dims) asked = asked || is_asked(options.operators, *family, dims);
    if (asked) families_.push_back(family);
  }
  std::optional<std::regex> pattern;
  try {
    if (!options.filter.empty()) pattern.emplace(options.filter);
  } catch (const std::regex_error& error) {
    throw Error(fmt::format("--filter takes a regular expression; '{}' is none: {}", options.filter, error.what()));
  }
  is_asked_operator_ = [names = options.operators](const Case& c) {
    return is_asked(names, *c.family, std::max(c.dims, 1));
  };
  is_wanted_ = [pattern, shard = read_shard(options.shard)](const Case& c) {
    if (!pattern && shard.of == 1) return true;
    const std::string text = to_text(c);
    return hash(text) % shard.of == shard.number - 1 && (!pattern || std::regex_search(text, *pattern));
  };

  const bool by_name = !options.texts.empty() || !options.file.empty();
  random_count_ = options.random.value_or(by_name ? 0 : usual_random);
  if (!by_name && options.random) return;
  named_ = by_name ? named_cases(options) : sweep_cases();
  std::erase_if(named_, [this](const Case& c) { return !is_asked_operator_(c) || !is_wanted_(c); });
}

std::vector<Case> CaseSource::next_random(std::uint64_t count, bool unlimited) {
  std::vector<Case> cases;
  if (families_.empty()) return cases;
  const std::uint64_t until = unlimited ? drawn_ + count : std::min(drawn_ + count, random_count_);
  while (drawn_ < until) {
    const Case c = sample(*families_[index_ % families_.size()], seed_, index_ / families_.size());
    ++index_;
    if (!is_asked_operator_(c)) continue;
    ++drawn_;
    if (is_wanted_(c)) cases.push_back(c);
  }
  return cases;
}

}  // namespace refloop::cli
