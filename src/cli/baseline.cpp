#include "cli/baseline.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <span>
#include <sstream>

#include "check/field.h"
#include "check/table.h"
#include "cli/commands.h"
#include "cli/report_forms.h"

namespace refloop::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t most_told = 5;
constexpr std::size_t most_reordered = 1000;  // orders that were found are as manifold as shapes are

/// Fails in a way that takes other memory, or the process, with it.
bool does_harm(Verdict verdict) {
  return verdict >= Verdict::outside;
}

/// Whose bits a passing result has, as far as its report tells.
std::string order_of(const Result& result) {
  if (const auto end = result.order.find("; "); end != std::string::npos) {
    return result.order.substr(0, end) + ", and others";  // found: one for each part of the outputs
  }
  if (!result.order.empty()) return result.order;
  if (result.verdict == Verdict::bounded) return fmt::format("no known order (BOUNDED, {})", result.algorithm);
  if (result.forgiven.empty()) return "the loops' bits";
  std::vector<std::string> names;
  for (const auto& [name, elements] : result.forgiven) names.push_back(name);
  return fmt::format("the loops' bits but for {}", fmt::join(names, ", "));
}

/// A table, moved in.
std::string listed(const std::vector<std::vector<std::string>>& rows) {
  constexpr std::size_t indent = 4;
  const auto width = output_width();
  std::istringstream lines(table(rows, width ? std::optional(*width - std::min(*width, indent)) : std::nullopt));
  std::string text;
  for (std::string line; std::getline(lines, line);) text += std::string(indent, ' ') + line + '\n';
  return text;
}

/// `3 cases`
std::string in_cases(std::uint64_t count) {
  return fmt::format("{} {}", with_commas(count), count == 1 ? "case" : "cases");
}

}  // namespace

void add_baseline_options(CLI::App& command, BaselineOptions& options) {
  auto* const baseline =
      command.add_option("--baseline", options.file,
                         "an earlier json report: what changed since is told, and the exit status is 1 only for what "
                         "got worse; refloop help verdicts says what that is");
  command
      .add_flag("--accept", options.accept,
                "writes this run over the --baseline, or creates it; what was not run this time stays in it")
      ->needs(baseline);
}

Baseline::Baseline(const BaselineOptions& options, std::string_view command, bool invariance)
    : file_(options.file), is_of_one_(command == "check") {
  std::error_code error;
  const auto status = fs::status(file_, error);
  const bool is_there = fs::exists(status);
  if (!is_there && !options.accept) throw Error(fmt::format("there is no file {}; --accept creates it", file_));
  if (is_there && options.accept && !fs::is_regular_file(status)) {
    throw Error(fmt::format("--accept takes a regular file, which {} is not", file_));
  }
  if (is_there) read(command, invariance);
  if (options.accept) writer_ = open_json_report(file_);
}

void Baseline::read(std::string_view command, bool invariance) {
  const ReportHead head = read_report(file_, [&](const Result& result) {
    const Before kept{.bits = result.bits,
                      .order = &*words_.insert(order_of(result)).first,
                      .smallest = &*words_.insert(result.smallest).first,
                      .verdict = result.verdict};
    subjects_.insert(result.subject);
    before_.emplace(key_of(result), kept);
    if (result.smallest.empty()) return;
    Result smallest = result;
    smallest.subject_case = parse(result.smallest);
    smallest_.emplace(key_of(smallest), kept);
  });
  if (head.libtorch) with_libtorch_ = fmt::format(" (LibTorch {})", shown(*head.libtorch));
  const auto& words = head.command;
  const std::string of = words.size() > 1 ? shown(words[1]) : "another program";
  if (of != command) throw Error(fmt::format("{} is a report of refloop {}, not of refloop {}", file_, of, command));
  const bool was_invariance = std::find(words.begin(), words.end(), "--invariant") != words.end();
  if (was_invariance != invariance) {
    throw Error(fmt::format("{} is a report of a run with{} --invariant, and this is one with{}", file_,
                            was_invariance ? "" : "out", invariance ? "" : "out"));
  }
  if (before_.empty()) throw Error(fmt::format("{} is a report without results: nothing can be held to it", file_));
  if (is_of_one_ && subjects_.size() > 1) {
    throw Error(fmt::format("{} has results of {}; refloop check is held to those of one", file_,
                            fmt::join(subjects_, " and ")));
  }
}

std::string Baseline::key_of(const Result& result) const {
  return to_text(result.subject_case) + (is_of_one_ ? "" : " (" + result.subject + ")");
}

const Baseline::Before* Baseline::before(const std::string& key) const {
  if (const auto known = before_.find(key); known != before_.end()) return &known->second;
  const auto smallest = smallest_.find(key);
  return smallest == smallest_.end() ? nullptr : &smallest->second;
}

std::string Baseline::smallest_of(const Result& result) const {
  const Before* const known = before(key_of(result));
  return known == nullptr ? "" : *known->smallest;
}

Change Baseline::change_of(const Result& result) const {
  const Verdict now = result.verdict;
  const Before* const known = before(key_of(result));
  if (known == nullptr) return fails(now) ? Change::new_and_failing : Change::is_new;
  const Verdict then = known->verdict;
  if (fails(now) && !fails(then)) return Change::newly_failing;
  if (fails(now)) return does_harm(now) && !does_harm(then) ? Change::fails_worse : Change::fails_as_before;
  if (passes(now) && !passes(then)) return Change::newly_passing;
  if (passes(now)) return result.bits == known->bits ? Change::as_before : Change::other_bits;
  if (fails(then)) return Change::fails_no_more;
  return passes(then) && now == Verdict::skipped ? Change::refused_now : Change::as_before;
}

void Baseline::add(const Result& result) {
  if (writer_) {
    writer_->add(result);
    accepted_.add(result);
    subject_now_ = result.subject;
  }
  const Change change = change_of(result);
  ++counts_[static_cast<std::size_t>(change)];
  const std::string key = key_of(result);
  tell(change, before(key), result);
  const auto known = before_.find(key);
  if (known != before_.end() && !std::exchange(known->second.was_run, true)) ++met_;
}

void Baseline::tell(Change change, const Before* before, const Result& result) {
  if (change == Change::as_before || change == Change::is_new) return;
  const std::string text = to_text(result.subject_case) + (is_of_one_ ? "" : " (" + result.subject + ")");
  if (change == Change::other_bits) {
    auto orders = std::pair(*before->order, order_of(result));
    if (reordered_.size() >= most_reordered && !reordered_.contains(orders)) orders = {"others", "others"};
    Reordered& same = reordered_[orders];
    if (same.cases++ == 0) same.example = text;
    return;
  }
  auto& told = told_[static_cast<std::size_t>(change)];
  if (told.empty()) told.push_back({"before", "now", "case"});
  if (told.size() > most_told) return;
  const bool is_refused = change == Change::refused_now && !result.reason.empty();
  told.push_back({before == nullptr ? "-" : std::string(to_text(before->verdict)), std::string(to_text(result.verdict)),
                  is_refused ? fmt::format("{}: {}", text, result.reason) : text});
}

void Baseline::accept(ReportHead head) {
  if (!writer_) return;
  if (accepted_.results() == 0) {
    said_of_accepting_ = fmt::format("nothing was run that {} could hold\n", file_);
    return;
  }
  std::uint64_t kept = 0;
  if (met_ < before_.size()) {
    read_report(file_, [&](Result result) {
      const auto known = before_.find(key_of(result));
      if (known == before_.end() || known->second.was_run) return;
      if (is_of_one_) result.subject = subject_now_;
      writer_->add(result);
      accepted_.add(result);
      ++kept;
    });
  }
  if (kept > 0) head.shard.reset();  // it is no longer that shard alone
  writer_->finish(head, accepted_);
  said_of_accepting_ = fmt::format("accepted: {} holds {} results", file_, with_commas(accepted_.results()));
  if (kept > 0)
    said_of_accepting_ += fmt::format(", {} of them as they were, since they were not run", with_commas(kept));
  said_of_accepting_ += '\n';
}

std::vector<Case> Baseline::passed_cases(const std::function<bool(const Case&)>& is_wanted) const {
  std::vector<Case> cases;
  for (const auto& [key, result] : before_) {
    if (!passes(result.verdict)) continue;
    const Case c = parse(key.substr(0, key.find(' ')));
    if (is_wanted(c)) cases.push_back(c);
  }
  return cases;
}

std::uint64_t Baseline::worse() const {
  std::uint64_t cases = 0;
  for (std::size_t at = 0; at < counts_.size(); ++at) cases += cli::is_worse(static_cast<Change>(at)) ? counts_[at] : 0;
  return cases;
}

bool Baseline::got_worse() const {
  return worse() > 0;
}

std::string Baseline::text() const {
  if (before_.empty()) return fmt::format("\nthere was no {} yet: all cases are new\n{}", file_, said_of_accepting_);
  std::string text = fmt::format("\nheld to {}, {} results of {}{}:\n", file_, with_commas(before_.size()),
                                 fmt::join(subjects_, ", "), with_libtorch_);
  for (std::size_t change = 0; change < counts_.size(); ++change) {
    if (counts_[change] == 0) continue;
    text += fmt::format("  {}: {}\n", change_terms[change].name, with_commas(counts_[change]));
    if (!told_[change].empty()) text += listed(told_[change]);
    if (static_cast<Change>(change) == Change::other_bits) text += reordered_text();
    const std::uint64_t untold = told_[change].empty() ? 0 : counts_[change] - (told_[change].size() - 1);
    if (untold > 0) text += fmt::format("    and {} more\n", with_commas(untold));
  }
  const auto missed = std::find_if(before_.begin(), before_.end(), [](const auto& one) { return !one.second.was_run; });
  if (missed != before_.end()) {
    text += fmt::format("  not run this time: {}, as {}\n", with_commas(before_.size() - met_), missed->first);
  }
  return text + said_of_accepting_;
}

std::string Baseline::reordered_text() const {
  std::vector<std::pair<std::pair<std::string, std::string>, Reordered>> rows(reordered_.begin(), reordered_.end());
  std::stable_sort(rows.begin(), rows.end(),
                   [](const auto& a, const auto& b) { return a.second.cases > b.second.cases; });
  std::vector<Row> told{{"order before", "order now", "cases", "as in"}};
  for (const auto& [orders, same] : std::span(rows).first(std::min(rows.size(), most_told))) {
    told.push_back({orders.first, orders.second, with_commas(same.cases), same.example});
  }
  const std::size_t untold = rows.size() - (told.size() - 1);
  return listed(told) + (untold > 0 ? fmt::format("    and {} more pairs of orders\n", with_commas(untold)) : "");
}

std::string Baseline::last_line() const {
  if (before_.empty()) return "";
  if (!was_met()) return fmt::format("nothing was compared with {}: none of its cases was run\n", file_);
  if (got_worse()) return fmt::format("worse than {} in {}\n", file_, in_cases(worse()));
  return fmt::format("nothing got worse than in {}\n", file_);
}

}  // namespace refloop::cli
