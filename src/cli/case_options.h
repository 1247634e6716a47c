// Which cases a command runs: the options that all case-running commands share.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "refloop/check.h"

namespace refloop::cli {

struct CaseOptions {
  std::vector<std::string> operators, texts;
  std::string filter, file;
  std::optional<std::uint64_t> random;
  std::uint64_t seed = 0;
};

struct Cases {
  std::vector<Case> named;   // sweeps, or what --case and --cases name
  std::vector<Case> random;
};

/// Adds --op, --filter, --case, --cases, --random and --seed.
void add_case_options(CLI::App& command, CaseOptions& options);

/// Named cases given: those. --random given: so many random ones. Neither: the sweeps and `usual_random` random cases.
/// Raises Error for a text that is no case, an unknown operator, a pattern that is no regular expression.
Cases select_cases(const CaseOptions& options, std::uint64_t usual_random);

}  // namespace refloop::cli
