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
