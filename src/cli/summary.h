// What a run of many cases came to, for people: a table by operator and subject, reasons for skips, failures in full.
#pragma once

#include <span>
#include <string>

#include "refloop/check.h"

namespace refloop::cli {

/// Everything known about one result, in lines, with the command that runs it again.
std::string story(const Result& result);

/// Counts by operator and subject, then why cases were skipped.
std::string tally(std::span<const Result> results);

/// One line: whether every bit that was compared agrees, or nothing was. Empty where something failed.
std::string last_line(std::span<const Result> results);

/// 0 if something passed and nothing failed, else 1.
int exit_code(std::span<const Result> results);

}  // namespace refloop::cli
