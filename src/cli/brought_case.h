// A case made of tensors that somebody brings: sizes follow from the tensors, the other settings are options named by
// the families' own words.
#pragma once

#include <CLI/CLI.hpp>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "families/fitting.h"
#include "refloop/check.h"

namespace refloop::cli {

struct BroughtOptions {
  std::string op;
  std::map<std::string_view, std::string> inputs;  // files by the tensor's name
  std::vector<std::string> outputs;
  std::map<std::string_view, std::vector<std::string>> more_outputs;  // one for each output, by the tensor's name
  std::map<std::string, std::string> settings;                        // by the option's name
  std::map<std::string, bool> flags;
};

/// Adds --op, --input, --weight, ..., --output, --indices, ... and an option for each setting of any family.
void add_brought_options(CLI::App& command, BroughtOptions& options);

/// The inputs and their case, whose data are special. Raises Error, with the files and what is due, where they do not
/// belong together.
Prepared read_brought_case(const BroughtOptions& options);

/// All outputs of the case, as file number `which` and those that come with it hold them.
std::vector<AnyTensor> read_brought_outputs(const BroughtOptions& options, const Case& c, std::size_t which);

/// What the options do not say.
OpenSettings open_settings(const BroughtOptions& options, const Case& c);
/// The options that say what the case has: `--stride 2 --padding 1`.
std::string in_options(const Case& c);

/// The operator, its settings and the element type, without data.
std::string case_without_data(const Case& c);

}  // namespace refloop::cli
