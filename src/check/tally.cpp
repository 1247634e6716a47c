#include "check/tally.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <numeric>
#include <regex>

#include "check/table.h"

namespace refloop {
namespace {

constexpr std::size_t most_stories = 20;
constexpr std::size_t most_reasons = 500;
constexpr std::size_t most_kept_kinds = 10'000;

/// The reason with its numbers and quoted words taken out, so that refusals of one kind count together.
std::string kind_of(const std::string& reason) {
  static const std::regex details(R"('[^']*'|\b[0-9]+\b)");
  return std::regex_replace(reason, details, "...");
}

}  // namespace

Tally::Reason& Tally::reason_of(const Result& result) {
  const auto known = kinds_.find(result.reason);
  if (known != kinds_.end()) return *known->second;
  const std::string kind = fmt::format("{}: {}", to_text(result.verdict), kind_of(result.reason));
  Reason& reason = reasons_[reasons_.size() < most_reasons || reasons_.contains(kind) ? kind : "and other reasons"];
  if (kinds_.size() < most_kept_kinds) kinds_.emplace(result.reason, &reason);
  return reason;
}

void Tally::add(const Result& result, bool is_told) {
  ++results_;
  const auto verdict = static_cast<std::size_t>(result.verdict);
  ++verdicts_[verdict];
  ++rows_[{result.subject_case.family, std::max(result.subject_case.dims, 1), result.subject}][verdict];
  reference_seconds_ += result.reference_seconds;
  subject_seconds_ += result.subject_seconds;
  if (!result.order.empty()) {
    // What was found in words is as manifold as shapes are; refloop order tells it.
    const std::string order = result.order.starts_with("found: ") ? "found by probing" : result.order;
    ++orders_[{operator_name(result.subject_case), result.subject, order}];
  }
  if (passes(result.verdict)) {
    bound_used_ = std::max(bound_used_, result.bound_used.value_or(0));
    return;
  }
  if (!fails(result.verdict)) {
    Reason& reason = reason_of(result);
    if (reason.count++ == 0) reason.example = to_text(result.subject_case);
    return;
  }
  ++failures_;
  likenesses_.add(result);
  if (!is_told) return;
  ++told_failures_;
  if (stories_.size() < most_stories) stories_.push_back(result);
}

std::string Tally::table() const {
  Counts seen = verdicts_;
  ++seen[static_cast<std::size_t>(Verdict::exact)];
  std::vector<std::vector<std::string>> cells{{"operator", "subject"}};
  for (std::size_t verdict = 0; verdict < verdict_count; ++verdict) {
    if (seen[verdict] > 0) cells[0].emplace_back(verdict_terms[verdict].name);
  }
  for (const auto& [row, counts] : rows_) {
    const auto& [family, dims, subject] = row;
    cells.push_back({operator_name(*family, dims), subject});
    for (std::size_t verdict = 0; verdict < verdict_count; ++verdict) {
      if (seen[verdict] > 0) cells.back().push_back(with_commas(counts[verdict]));
    }
  }
  std::sort(cells.begin() + 1, cells.end());
  std::string text = refloop::table(cells);
  if (!orders_.empty()) {
    std::vector<std::vector<std::string>> orders{
        {"operator", "subject", "order of summation, where none was promised", "cases"}};
    for (const auto& [judged, count] : orders_) {
      const auto& [name, subject, order] = judged;
      orders.push_back({name, subject, order, with_commas(count)});
    }
    text += '\n' + refloop::table(orders) + (reasons_.empty() ? "" : "\n");
  }
  for (const auto& [says, reason] : reasons_) {
    text += fmt::format("{} x {}\n  as in {}\n", with_commas(reason.count), says, reason.example);
  }
  return text;
}

std::string Tally::story(const Result& result, const std::string& command) const {
  return refloop::story(result, likenesses_, coloured(to_text(result.verdict), result.verdict), command);
}

std::string Tally::stories(const CommandOf& command) const {
  std::string text;
  std::map<std::string, std::uint64_t> alike;  // of those that shrink to one case the first is told
  for (const Result& failure : stories_) {
    const std::string smallest = fmt::format("{} {} {}", failure.subject, to_text(failure.verdict), failure.smallest);
    if (failure.smallest.empty() || alike[smallest]++ == 0) text += '\n' + story(failure, command(failure));
  }
  std::uint64_t untold = told_failures_ - stories_.size();
  for (const auto& [smallest, count] : alike) untold += count - 1;
  if (untold > 0) text += fmt::format("\nand {} more failures\n", with_commas(untold));
  return text;
}

std::vector<std::string> Tally::operators_without_verdict(std::span<const std::string> asked) const {
  std::vector<std::string> silent;
  for (const std::string& name : asked) {
    const bool heard = std::any_of(rows_.begin(), rows_.end(), [&](const auto& row) {
      const auto& [family, dims, subject] = row.first;
      if (name != family->name && name != operator_name(*family, dims)) return false;
      const Counts& counts = row.second;
      return counts[static_cast<std::size_t>(Verdict::weak)] + counts[static_cast<std::size_t>(Verdict::skipped)] <
             std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
    });
    if (!heard) silent.push_back(name);
  }
  return silent;
}

std::string Tally::what_was_not_compared(std::span<const std::string> operators) const {
  if (results_ == 0) return "nothing was compared: no case is left of what was asked for\n";
  if (count(Verdict::exact) + count(Verdict::bounded) + failures_ == 0) {
    return "nothing was compared: every case was skipped or could not tell\n";
  }
  const auto silent = operators_without_verdict(operators);
  return silent.empty() ? "" : fmt::format("nothing was compared of {}\n", fmt::join(silent, ", "));
}

std::string Tally::last_line(std::span<const std::string> operators, std::string_view who) const {
  if (failures_ > 0) return "";
  if (std::string gap = what_was_not_compared(operators); !gap.empty()) return gap;
  const std::string exact = coloured("EXACT", Verdict::exact);
  if (count(Verdict::bounded) == 0)
    return fmt::format("{}: the loops and {} agree in every bit that was compared\n", exact, who);
  return fmt::format(
      "{} and {}: the loops and {} agree, in every bit in {} cases, and in {} within the rounding bound (at "
      "most {:.2g} of it)\n",
      exact, coloured("BOUNDED", Verdict::bounded), who, with_commas(count(Verdict::exact)),
      with_commas(count(Verdict::bounded)), bound_used_);
}

int Tally::exit_code(std::span<const std::string> operators) const {
  return failures_ == 0 && what_was_not_compared(operators).empty() ? passed : failed;
}

}  // namespace refloop
