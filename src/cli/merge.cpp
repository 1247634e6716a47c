// refloop merge: one report from those of the shards.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <memory>

#include "check/tally.h"
#include "cli/check.h"
#include "cli/commands.h"
#include "cli/parity.h"
#include "cli/report.h"

namespace refloop::cli {
namespace {

struct MergeOptions {
  std::vector<std::string> files, reports;
};

int run_merge(const MergeOptions& options) {
  std::vector<ReadReport> shards;
  for (const auto& file : options.files) shards.push_back(read_report(file));
  const ReportHead head = merged_head(shards);
  const auto reports = open_reports(options.reports);
  Tally tally;
  for (const ReadReport& shard : shards) {
    for (const Result& result : shard.results) {
      tally.add(result);
      for (const auto& report : reports) report->add(result);
    }
  }
  for (const auto& report : reports) report->finish(head, tally);
  const bool of_check = head.command.size() > 1 && head.command[1] == "check";
  const auto again = [&](const Result& result) {
    return (of_check ? check_command(head.command) : parity_command(result)) + " --case ";
  };
  fmt::print("{}{}", tally.table(), tally.stories(again));
  if (!head.shard) {
    fmt::print("{}", tally.last_line({}, of_check ? "the kernel" : "LibTorch"));
    return tally.exit_code({});
  }
  const Shards given = read_shards(*head.shard);
  std::vector<std::string> missing;
  for (std::uint64_t number = 1; number <= given.of; ++number) {
    if (!given.numbers.contains(number)) missing.push_back(fmt::format("{}/{}", number, given.of));
  }
  fmt::print("this is not the whole run: {} {} missing\n", fmt::join(missing, ", "),
             missing.size() == 1 ? "is" : "are");
  return failed;
}

}  // namespace

void add_merge(CLI::App& program, int& exit_code) {
  auto* const command = program.add_subcommand("merge", "Makes one report from the reports of shards");
  const auto options = std::make_shared<MergeOptions>();
  command->add_option("reports", options->files, "json reports of the shards")->required();
  add_report_option(*command, options->reports);
  // One line of a terminal: newer versions of CLI11 fold what is longer, and no shell would take it then.
  command->footer("Example: refloop parity --random 99 --report json:a.json && refloop merge a.json");
  command->callback([options, &exit_code] { exit_code = run_merge(*options); });
}

}  // namespace refloop::cli
