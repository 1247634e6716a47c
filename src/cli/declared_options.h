// What a kernel says of itself, as options.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <vector>

#include "refloop/check.h"

namespace refloop::cli {

struct DeclaredOptions {
  std::string arithmetic, require, fold;
  std::map<std::string, std::vector<std::string>> algorithms;  // by the option that declares them
  bool flushes_subnormals = false;
};

/// Adds --arithmetic, --algorithm, --variance, --flushes-subnormals, --require and --fold.
void add_declared_options(CLI::App& command, DeclaredOptions& options);
/// --fold alone, which every subject may be given.
void add_fold_option(CLI::App& command, DeclaredOptions& options);

Declared declared(const DeclaredOptions& options);
/// As reports tell it: what was said, and nothing else.
std::map<std::string, std::string> declared_in_words(const DeclaredOptions& options);

/// The names of the options, for a command that repeats a run: those with a value, and those without.
std::vector<std::string> declared_option_names();
std::vector<std::string> declared_flag_names();

}  // namespace refloop::cli
