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
  std::vector<std::string> operators, texts;
  std::string filter, file, shard;
  std::optional<std::uint64_t> random;
  std::uint64_t seed = 0;
};

/// Adds --op, --filter, --case, --cases, --random, --seed and --shard.
void add_case_options(CLI::App& command, CaseOptions& options);

/// The cases that the options ask for. Named cases given: those. --random given: so many random ones. Neither: the
/// sweeps, and `usual_random` random cases.
class CaseSource {
 public:
  /// Raises Error for a text that is no case, an unknown operator, a pattern that is no regular expression, a bad
  /// shard.
  CaseSource(const CaseOptions& options, std::uint64_t usual_random);

  /// Sweeps, or what --case and --cases name.
  const std::vector<Case>& named() const { return named_; }
  /// How many random cases will be drawn; some may fall to the filter or to other shards.
  std::uint64_t random_count() const { return random_count_; }
  /// Draws up to `count` random cases more, and gives those that are wanted; all of them, if `unlimited`.
  std::vector<Case> next_random(std::uint64_t count, bool unlimited = false);
  bool exhausted() const { return drawn_ >= random_count_; }

 private:
  std::vector<const Family*> families_;  // that --op leaves
  std::function<bool(const Case&)> is_asked_operator_, is_wanted_;
  std::vector<Case> named_;
  std::uint64_t seed_, random_count_, drawn_ = 0, index_ = 0;
};

}  // namespace refloop::cli
