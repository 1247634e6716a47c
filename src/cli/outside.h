// The kernel of somebody's own that a command is about, and how it is reached.
#pragma once

#include <CLI/CLI.hpp>
#include <set>
#include <string>
#include <vector>

#include "refloop/check.h"

namespace refloop::cli {

struct OutsideOptions {
  std::string library, program, folder;
  std::string torch_operator, device = "cpu";  // of those that the library registers with LibTorch
  std::vector<std::string> mapped;             // its arguments by other names
  std::vector<std::string> operators;          // that the command asks for: what it is, where its name does not say
  double time_limit = 10;
  bool sandbox = false, unaligned = false;
};

/// Adds --lib, --exec and --dir to the group, of which a command wants one.
void add_outside_kernels(CLI::App& group, OutsideOptions& options);
/// Adds --torch-op, --map and --device, to a command that has --lib.
void add_torch_operator(CLI::App& command, OutsideOptions& options);
/// Adds --time-limit, --sandbox and --unaligned.
void add_outside_settings(CLI::App& command, OutsideOptions& options);

/// Whether one was asked for.
bool names_outside(const OutsideOptions& options);

struct Outside {
  std::string called;               // as it was on the command line
  std::set<std::string> operators;  // that are to be had of it
  bool names_operators = true;      // or else these are all that there are, and it is to be found out which it has
  Subject subject;
  std::vector<Case> cases = {};  // of a subject that answers once: those to which it has answers
};
/// Raises Error where it can't be had.
Outside open_outside(const OutsideOptions& options);

/// The names of the options, for a command that repeats a run: those with a value, and those without.
std::vector<std::string> outside_option_names();
std::vector<std::string> outside_flag_names();

}  // namespace refloop::cli
