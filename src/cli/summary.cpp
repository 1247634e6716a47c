#include "cli/summary.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>
#include <map>
#include <regex>

#include "cli/commands.h"
#include "cli/terminal.h"

namespace refloop::cli {

std::string story(const Result& result, std::string_view command) {
  std::string text = fmt::format("{} {} ({})\n", coloured(to_text(result.verdict), result.verdict),
                                 to_text(result.subject_case), result.subject);
  if (!result.reason.empty()) text += fmt::format("  {}\n", result.reason);
  if (const auto& first = result.first) {
    text += fmt::format("  first at {}[{}]: expected {} ({}), got {} ({})\n", first->output, fmt::join(first->at, ", "),
                        first->expected, first->expected_bits, first->got, first->got_bits);
  }
  if (!result.looks_like.empty()) text += fmt::format("  same bits as the known mistake {}\n", result.looks_like);
  if (!result.smallest.empty()) text += fmt::format("  smallest case that still fails: {}\n", result.smallest);
  return text + fmt::format("  again: {} --case {}\n", command, to_text(result.subject_case));
}

std::string parity_command(const Result& result) {
  return fmt::format("refloop parity --torch {}", result.subject);
}

namespace {

/// The reason with its numbers and quoted words taken out, so that refusals of one kind count together.
std::string kind_of(const std::string& reason) {
  static const std::regex details(R"('[^']*'|\b[0-9]+\b)");
  return std::regex_replace(reason, details, "...");
}

}  // namespace

std::string tally(std::span<const Result> results) {
  struct Row {
    std::array<std::uint64_t, verdict_count> counts{};
  };
  std::map<std::pair<std::string, std::string>, Row> rows;
  std::array<bool, verdict_count> seen{};
  struct Reason {
    std::uint64_t count = 0;
    std::string example;
  };
  std::map<std::string, Reason> reasons;
  for (const Result& result : results) {
    const auto verdict = static_cast<std::size_t>(result.verdict);
    const Case& c = result.subject_case;
    ++rows[{operator_name(c), result.subject}].counts[verdict];
    seen[verdict] = true;
    if (!passes(result.verdict) && !fails(result.verdict)) {
      Reason& reason = reasons[fmt::format("{}: {}", to_text(result.verdict), kind_of(result.reason))];
      if (reason.count++ == 0) reason.example = to_text(c);
    }
  }
  seen[0] = true;

  std::vector<std::vector<std::string>> cells{{"operator", "subject"}};
  for (std::size_t verdict = 0; verdict < verdict_count; ++verdict) {
    if (seen[verdict]) cells[0].emplace_back(to_text(static_cast<Verdict>(verdict)));
  }
  for (const auto& [key, row] : rows) {
    cells.push_back({key.first, key.second});
    for (std::size_t verdict = 0; verdict < verdict_count; ++verdict) {
      if (seen[verdict]) cells.back().push_back(with_commas(row.counts[verdict]));
    }
  }
  std::string text = table(cells);
  for (const auto& [says, reason] : reasons) {
    text += fmt::format("{} x {}\n  as in {}\n", with_commas(reason.count), says, reason.example);
  }
  return text;
}

std::string last_line(std::span<const Result> results) {
  if (results.empty()) return "nothing was compared: no case is left of what was asked for\n";
  if (exit_code(results) == passed) {
    return coloured("EXACT", Verdict::exact) + ": the loops and LibTorch agree in every bit that was compared\n";
  }
  const bool any_failure =
      std::any_of(results.begin(), results.end(), [](const Result& result) { return fails(result.verdict); });
  return any_failure ? "" : "nothing was compared: every case was skipped or could not tell\n";
}

int exit_code(std::span<const Result> results) {
  const auto is = [](bool (*property)(Verdict)) {
    return [property](const Result& result) { return property(result.verdict); };
  };
  const bool something_failed = std::any_of(results.begin(), results.end(), is(fails));
  const bool something_passed = std::any_of(results.begin(), results.end(), is(passes));
  return something_passed && !something_failed ? passed : failed;
}

}  // namespace refloop::cli
