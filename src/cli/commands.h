// The commands of the program: one small file each, one line each in the table of main.cpp.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <string>
#include <vector>

#include "check/tally.h"

namespace refloop::cli {

/// The command line as it was given, program first.
const std::vector<std::string>& command_words();

/// For options that take a whole number from least to most: the same sentence whatever the version of CLI11.
CLI::Validator between(std::uint64_t least, std::uint64_t most);

/// Adds the command to the program; when it is given, its callback sets the exit code.
void add_parity(CLI::App& program, int& exit_code);
void add_check(CLI::App& program, int& exit_code);
void add_export(CLI::App& program, int& exit_code);
void add_judge(CLI::App& program, int& exit_code);
void add_show(CLI::App& program, int& exit_code);
void add_order(CLI::App& program, int& exit_code);
void add_merge(CLI::App& program, int& exit_code);
void add_mistakes(CLI::App& program, int& exit_code);
void add_notebook(CLI::App& program, int& exit_code);
void add_doctor(CLI::App& program, int& exit_code);
void add_help(CLI::App& program, int& exit_code);

}  // namespace refloop::cli
