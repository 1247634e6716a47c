// One run as one object: written as JSON or JUnit XML, read back from JSON, put together from shards. What a report
// says does not depend on the order of the cases, on --jobs or on shards, but for its times.
#pragma once

#include <CLI/CLI.hpp>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "refloop/check.h"

namespace refloop::cli {

struct Report {
  std::string refloop{version};
  int data = data_version;
  std::optional<std::string> libtorch;
  std::vector<std::string> command;  // without what does not change results: --shard, --jobs, --report
  std::uint64_t seed = 0;
  double seconds = 0;
  std::vector<Result> results;
};

/// The keys of a report and of each of its results, and what they hold.
inline constexpr Term report_terms[] = {
    {"refloop", "version of refloop"},
    {"data", "version of the generator: equal versions make equal inputs of a text"},
    {"libtorch", "version compared with, or null"},
    {"command", "the command line, without --shard, --jobs and --report"},
    {"seed", "of the random cases"},
    {"cases", "number of results"},
    {"seconds", "wall time; of shards put together, their sum"},
    {"verdicts", "how many of each"},
    {"results", "one object each, by case and subject"}};
inline constexpr Term result_terms[] = {
    {"case", "the text that names it"},
    {"subject", "who was judged"},
    {"verdict", "refloop help verdicts tells what it means"},
    {"bits", "digest of the outputs, in hexadecimal; NaNs count as one value"},
    {"order", "whose bits these are, where no order was promised and they are not the textbook's"},
    {"compared", "number of elements; this and what follows only where it is not EXACT"},
    {"differing", "how many of them differ"},
    {"bound_used", "null: no verdict rests on a rounding bound yet"},
    {"reason", "in words"},
    {"first", "output, at, expected and got: the first element that differs"},
    {"smallest", "text of the smallest case found that still fails"},
    {"looks_like", "the known mistake that gives the same bits"}};

/// Adds --report json:F and junit:F; both can be given. Raises Error at once for another form.
void add_report_option(CLI::App& command, std::vector<std::string>& reports);

/// The words of the command line that a report keeps.
std::vector<std::string> kept_command(std::span<const std::string> words);

/// Sorts the results by case and subject, and writes each report: whole, or not at all.
void write_reports(Report& report, const std::vector<std::string>& reports);

/// Raises Error for a file that is no report.
Report read_report(const std::string& file);
/// Raises Error where the reports are not shards of one run.
Report merge(std::span<const Report> shards);

}  // namespace refloop::cli
