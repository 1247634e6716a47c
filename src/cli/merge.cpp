// refloop merge: one report from those of the shards.
#include <fmt/format.h>

#include <memory>

#include "cli/commands.h"
#include "cli/report.h"
#include "cli/summary.h"

namespace refloop::cli {
namespace {

struct MergeOptions {
  std::vector<std::string> files, reports;
};

int run_merge(const MergeOptions& options) {
  std::vector<Report> shards;
  for (const auto& file : options.files) shards.push_back(read_report(file));
  Report whole = merge(shards);
  write_reports(whole, options.reports);
  fmt::print("{}", tally(whole.results));
  for (const Result& result : whole.results) {
    if (fails(result.verdict)) fmt::print("\n{}", story(result, parity_command(result)));
  }
  fmt::print("{}", last_line(whole.results));
  return exit_code(whole.results);
}

}  // namespace

void add_merge(CLI::App& program, int& exit_code) {
  auto* const command = program.add_subcommand("merge", "Makes one report from the reports of shards");
  const auto options = std::make_shared<MergeOptions>();
  command->add_option("reports", options->files, "json reports of the shards")->required();
  add_report_option(*command, options->reports);
  command->footer("Example: refloop parity --op conv1d --shard 1/2 --report json:1.json && refloop merge 1.json");
  command->callback([options, &exit_code] { exit_code = run_merge(*options); });
}

}  // namespace refloop::cli
