// What a run of many cases came to, for people: a table by operator and subject, reasons for skips, failures in full.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "refloop/check.h"

namespace refloop::cli {

/// Everything known about one result, in lines, and how to run it again: the command, which `--case TEXT` completes.
std::string story(const Result& result, std::string_view command);
/// The command that `parity` runs a result's subject with.
std::string parity_command(const Result& result);

/// Counts by operator and subject, then why cases were skipped.
std::string tally(std::span<const Result> results);

/// One line: whether every bit that was compared agrees, or nothing was. Empty where something failed.
std::string last_line(std::span<const Result> results);

/// 0 if something passed and nothing failed, else 1.
int exit_code(std::span<const Result> results);

}  // namespace refloop::cli
