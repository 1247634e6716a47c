#include "cli/declared_options.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

namespace refloop::cli {
namespace {

/// What stands behind an option of the families' algorithms: `--algorithm winograd-4x4`.
struct Declaration {
  std::string option, name;
  std::string_view says;
};
std::vector<Declaration> declarations() {
  std::vector<Declaration> all;
  for (const Family* family : families) {
    for (const Algorithm& algorithm : family->algorithms) {
      if (algorithm.declare.empty()) continue;
      const std::string text(algorithm.declare);
      all.push_back({text.substr(0, text.find(' ')), text.substr(text.find(' ') + 1), algorithm.says});
    }
  }
  return all;
}

std::map<std::string, std::vector<Declaration>> declarations_by_option() {
  std::map<std::string, std::vector<Declaration>> by_option;
  for (const Declaration& one : declarations()) by_option[one.option].push_back(one);
  return by_option;
}

template <std::size_t Size>
std::vector<std::string> names_of(const Term (&terms)[Size]) {
  std::vector<std::string> names;
  for (const Term& term : terms) names.emplace_back(term.name);
  return names;
}

}  // namespace

void add_fold_option(CLI::App& command, DeclaredOptions& options) {
  std::string says = "which cases of whole numbers are judged by random sums of their channels:";
  for (const Term& term : fold_terms) says += fmt::format("\n{}: {}", term.name, term.says);
  command.add_option("--fold", options.fold, says)->check(CLI::IsMember(names_of(fold_terms)));
}

void add_declared_options(CLI::App& command, DeclaredOptions& options) {
  std::vector<std::string> names;
  std::string says = "what the kernel keeps products and sums in (the element type):";
  for (const Arithmetic& arithmetic : arithmetics) {
    names.emplace_back(arithmetic.name);
    says += fmt::format("\n{}: {}", arithmetic.name, arithmetic.says);
  }
  command.add_option("--arithmetic", options.arithmetic, says)->check(CLI::IsMember(names));
  for (const auto& [option, choices] : declarations_by_option()) {
    std::vector<std::string> values;
    std::string what = "what the kernel computes by, where that rounds otherwise than plain sums:";
    for (const Declaration& choice : choices) {
      values.push_back(choice.name);
      what += fmt::format("\n{}: {}", choice.name, choice.says);
    }
    command.add_option(option, options.algorithms[option], what)->check(CLI::IsMember(values));
  }
  command.add_flag("--flushes-subnormals", options.flushes_subnormals, "the kernel takes subnormal numbers for zero");
  command
      .add_option("--require", options.require,
                  "exact: within a bound is not enough, and no legal difference is forgiven")
      ->check(CLI::IsMember({"exact"}));
  add_fold_option(command, options);
}

Declared declared(const DeclaredOptions& options) {
  Declared said;
  for (const Arithmetic& arithmetic : arithmetics) {
    if (arithmetic.name == options.arithmetic) said.arithmetic = &arithmetic;
  }
  for (const auto& [option, names] : options.algorithms) {
    said.algorithms.insert(said.algorithms.end(), names.begin(), names.end());
  }
  said.flushes_subnormals = options.flushes_subnormals;
  said.exact_only = !options.require.empty();
  for (const Term& term : fold_terms) {
    if (term.name == options.fold) said.fold = static_cast<Fold>(&term - fold_terms);
  }
  return said;
}

std::map<std::string, std::string> declared_in_words(const DeclaredOptions& options) {
  std::map<std::string, std::string> words;
  const auto say = [&](const std::string& name, const std::string& value) {
    if (!value.empty()) words[name] = value;
  };
  say("arithmetic", options.arithmetic);
  for (const auto& [option, names] : options.algorithms) {
    say(option.substr(option.find_first_not_of('-')), fmt::format("{}", fmt::join(names, ",")));
  }
  say("flushes_subnormals", options.flushes_subnormals ? "yes" : "");
  say("require", options.require);
  say("fold", options.fold);
  return words;
}

std::vector<std::string> declared_option_names() {
  std::vector<std::string> names{"--arithmetic", "--require", "--fold"};
  for (const auto& [option, choices] : declarations_by_option()) names.push_back(option);
  return names;
}

std::vector<std::string> declared_flag_names() {
  return {"--flushes-subnormals"};
}

}  // namespace refloop::cli
