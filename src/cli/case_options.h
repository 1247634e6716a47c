// Which cases a command runs: the options that all case-running commands share.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "refloop/check.h"

namespace refloop::cli {

struct CaseOptions {
  std::vector<std::string> operators, texts, patterns;
  std::string filter, file, shard;
  std::optional<std::uint64_t> random;
  std::uint64_t seed = 0;
  bool skip_illegal = false;
};

/// Adds --op, --like, --filter, --case, --cases, --skip-illegal, --random, --seed and --shard.
void add_case_options(CLI::App& command, CaseOptions& options);

/// Whether --op and --like, where given, ask for the case. Raises Error for an unknown operator, or a bad pattern.
std::function<bool(const Case&)> asked_filter(const CaseOptions& options);

/// What random cases are drawn like: the patterns of --like, or else the operators that are asked for. Raises Error for
/// an unknown operator, or what is no pattern.
std::vector<Pattern> patterns_of(const CaseOptions& options);

/// The operators that --op, --like and --case name. Raises Error for what is no case.
std::vector<std::string> named_operators(const CaseOptions& options);

/// Whether a case passes --filter and falls to this --shard. Raises Error for a pattern that is no regular expression,
/// or a bad shard.
std::function<bool(const Case&)> case_filter(const CaseOptions& options);

/// The cases that the options ask for, by number. Named cases given: those. --random given: so many random ones.
/// Neither: the sweeps, and `usual_random` random cases.
class CaseSource {
 public:
  /// Raises Error for a text that is no case, an unknown operator, a pattern that is no regular expression, a bad
  /// shard.
  CaseSource(const CaseOptions& options, std::uint64_t usual_random);

  /// Sweeps, or what --case and --cases name, come first.
  std::uint64_t named_count() const { return named_.size(); }
  std::uint64_t count() const { return named_.size() + random_count_; }
  /// Lines of --cases that are no cases, where --skip-illegal passes over them.
  std::uint64_t skipped_lines() const { return skipped_lines_; }
  /// Case `number`, or nothing where it falls to the filter or to another shard. Behind `count` come more random ones.
  std::optional<Prepared> operator()(std::uint64_t number) const;

 private:
  std::vector<Pattern> patterns_;  // what is drawn, in turn
  std::function<bool(const Case&)> is_wanted_;
  std::vector<Case> named_;
  std::uint64_t seed_, random_count_, skipped_lines_ = 0;
};

}  // namespace refloop::cli
