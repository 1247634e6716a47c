// refloop judge: a verdict on tensors that somebody brings.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "check/brought.h"
#include "check/table.h"
#include "check/tensors.h"
#include "cli/brought_case.h"
#include "cli/commands.h"
#include "cli/declared_options.h"

namespace refloop::cli {
namespace {

struct JudgeOptions {
  BroughtOptions brought;
  DeclaredOptions declared;
};

/// Outputs and what was found of them.
struct Judged {
  std::vector<AnyTensor> outputs;
  Brought told;
};

// ---- settings that were left out ----

bool fits(const Case& c, const std::vector<Judged>& all) {
  const std::vector<Index> due = c.family->outputs(c)[0].shape;
  return std::any_of(all.begin(), all.end(), [&](const Judged& one) { return one.outputs[0].shape == due; });
}

/// Settings with which outputs have their sizes, as options, the simplest first; and with which of them, of so many
/// that were tried, their numbers are right.
struct Ways {
  std::vector<std::string> all, right;
  std::size_t tried = 0;
};

Ways ways_to_have(const std::vector<AnyTensor>& outputs, const JudgeOptions& options, Prepared& prepared) {
  constexpr std::size_t most_tried = 24;
  constexpr Index most_work = Index{1} << 28;
  const Case& c = prepared.subject_case();
  const std::vector<Index> due = c.family->outputs(c)[0].shape, &shape = outputs[0].shape;
  Ways ways;
  if (c.dims == 0 || shape.size() != due.size() || shape[0] != due[0] || shape[1] != due[1]) return ways;
  Index work = 0;
  for (const Case& one : cases_that_give(c, open_settings(options.brought, c), std::span(shape).subspan(2))) {
    const std::string said = in_options(one);
    ways.all.push_back(said.empty() ? "no setting at all" : said);
    work += one.family->work(one);
    if (ways.tried == most_tried || work > most_work) continue;
    ++ways.tried;
    Prepared tried(one, {prepared.inputs().begin(), prepared.inputs().end()});
    if (passes(judge_brought(tried, declared(options.declared), "", outputs).result.verdict))
      ways.right.push_back(ways.all.back());
  }
  return ways;
}

/// The first few of them.
constexpr std::size_t most_told = 4;
std::string simplest(std::span<const std::string> ways) {
  return fmt::format("{}", fmt::join(ways.first(std::min(ways.size(), most_told)), ", or "));
}

/// Raises Error that names the simplest few.
[[noreturn]] void propose(const Ways& ways, const std::string& file, const std::vector<Index>& shape) {
  std::string sentence = fmt::format("{} is {}; {} would give that", file, to_string(shape), simplest(ways.all));
  if (ways.all.size() > most_told) sentence += fmt::format(" ({} ways in all)", ways.all.size());
  const std::string_view of = ways.tried == ways.all.size() ? "" : "of those that were tried ";
  if (ways.right.empty()) sentence += fmt::format("; {}with none are its numbers right", of);
  if (ways.right.size() == 1) sentence += fmt::format("; {}only with {} are its numbers right", of, ways.right[0]);
  if (ways.right.size() > 1) sentence += fmt::format("; its numbers are right with {}", simplest(ways.right));
  throw Error(sentence);
}

// ---- what is said of the outputs ----

std::string percent(double share) {
  if (share > 0 && share < 0.01) return "< 1 %";
  return share < 10 ? fmt::format("{:.0f} %", 100 * share) : fmt::format("{:.3g} times", share);
}

std::string table_of(const std::vector<Judged>& all) {
  std::vector<std::vector<std::string>> rows{{"output", "verdict", "by"}};
  const bool has_nearness = std::any_of(all.begin(), all.end(), [](const Judged& one) { return one.told.nearness; });
  if (has_nearness)
    rows[0].insert(rows[0].end(), {"of the bound", "error on average", "at most", "in ULP", "not rounded once"});
  for (const Judged& one : all) {
    const Result& result = one.told.result;
    std::string by = "bits";
    if (!result.algorithm.empty()) by = fmt::format("rounding bound, {}", result.algorithm);
    if (!result.order.empty()) by = result.order;
    if (fails(result.verdict) && result.compared == 0) by = "size";
    rows.push_back({result.subject, std::string(to_text(result.verdict)), by});
    if (!has_nearness) continue;
    if (const auto& near = one.told.nearness) {
      rows.back().insert(rows.back().end(), {percent(result.bound_used.value_or(0)), fmt::format("{:.2g}", near->mean),
                                             fmt::format("{:.2g}", near->most), fmt::format("{:.3g}", near->most_ulps),
                                             fmt::format("{} of {}", near->not_nearest, near->elements)});
    } else {
      rows.back().resize(rows[0].size());
    }
  }
  return table(rows);
}

/// What is wrong with it, in lines.
std::string story_of(const Judged& judged) {
  const Result& result = judged.told.result;
  std::string text = fmt::format("\n{} {}\n", coloured("WRONG", Verdict::wrong), result.subject);
  const auto line = [&](const std::string& words) {
    if (!words.empty()) text += fmt::format("  {}\n", words);
  };
  line(result.reason);
  if (!result.where.empty() && !result.reason.ends_with(result.where)) line(result.where);
  if (const auto& first = result.first) {
    const auto& margin = judged.told.first;
    std::string due = first->expected;
    if (margin) due = fmt::format("{} +- {:.2g}", margin->exact, margin->radius);
    if (margin && margin->radius == 0) due = fmt::format("{} in any order", margin->exact);
    line(fmt::format("first at {}[{}]: expected {}, got {} ({})", first->output, fmt::join(first->at, ", "), due,
                     first->got, first->got_bits));
  }
  if (!result.explained_by.empty())
    line(fmt::format("same bits as the known mistake {}", fmt::join(result.explained_by, ", or ")));
  if (result.explained_by.empty() && !judged.told.alike.empty())
    line(fmt::format("but for rounding as the known mistake {}", fmt::join(judged.told.alike, ", or ")));
  if (!judged.told.missing.empty()) line(fmt::format("as if summed {}", judged.told.missing));
  line(result.declare);
  return text;
}

/// Which of those that may be right is nearer to the exact sums, and how far they differ.
std::vector<std::string> comparison(const std::vector<Judged>& all) {
  std::vector<const Judged*> right;
  for (const Judged& one : all) {
    if (passes(one.told.result.verdict)) right.push_back(&one);
  }
  if (right.size() < 2) return {};
  std::vector<std::string_view> names;
  names.reserve(right.size());
  for (const Judged* one : right) names.push_back(one->told.result.subject);
  const bool is_pair = right.size() == 2, by_bound = right[0]->told.nearness.has_value();
  Index differing = 0;
  for (std::size_t number = 0; number < right[0]->outputs.size(); ++number) {
    differing += compare(right[0]->outputs[number], right[1]->outputs[number], {.zero_signs = false}).differing;
  }
  if (is_pair && differing == 0) return {fmt::format("{} have the same bits", fmt::join(names, " and "))};
  std::vector<std::string> lines{fmt::format("{} are {} {}{}: not a bug", fmt::join(names, " and "),
                                             is_pair ? "both" : "all", by_bound ? "within the rounding bound" : "right",
                                             is_pair ? fmt::format(" (they differ in {} elements)", differing) : "")};
  if (!by_bound) return lines;
  std::stable_sort(right.begin(), right.end(),
                   [](const Judged* a, const Judged* b) { return a->told.nearness->mean < b->told.nearness->mean; });
  const Judged &first = *right[0], &second = *right[1];
  const Nearness &near = *first.told.nearness, &other = *second.told.nearness;
  lines.push_back(fmt::format(
      "{} is nearer to the exact sums than {} on average{}: {:.2g} against {:.2g}, at most {:.2g} against {:.2g}",
      first.told.result.subject, second.told.result.subject, near.most > other.most ? ", but not at its worst" : "",
      near.mean, other.mean, near.most, other.most));
  return lines;
}

/// What the bound can't tell, where it decided.
std::vector<std::string> reservations(const std::vector<Judged>& all) {
  std::vector<std::string> lines;
  for (const Judged& one : all) {
    const Result& result = one.told.result;
    if (result.verdict == Verdict::weak) lines.push_back(fmt::format("{}: {}", result.subject, result.reason));
    if (one.told.unknown > 0)
      lines.push_back(
          fmt::format("{}: of {} elements nothing is known: they may overflow, or an infinity meets padding",
                      one.told.result.subject, one.told.unknown));
  }
  const auto bounded = std::find_if(all.begin(), all.end(), [](const Judged& one) {
    return one.told.result.verdict == Verdict::bounded && one.told.telling;
  });
  if (bounded == all.end()) return lines;
  const double share = static_cast<double>(*bounded->told.telling) / static_cast<double>(bounded->outputs[0].size());
  lines.push_back(fmt::format(
      "a term left out of a sum would show in {:.0f} % of the elements; whether the kernel is right is what "
      "refloop check asks it, on data that tell more",
      100 * share));
  return lines;
}

int run_judge(const JudgeOptions& options) {
  const Declared said = declared(options.declared);
  Prepared prepared = read_brought_case(options.brought);
  const Case& c = prepared.subject_case();
  std::vector<Judged> all;
  for (std::size_t which = 0; which < options.brought.outputs.size(); ++which) {
    all.push_back({read_brought_outputs(options.brought, c, which), {}});
  }
  const bool lacks_kernel = open_settings(options.brought, c).kernel;
  if (lacks_kernel || !fits(c, all)) {
    const Ways ways = ways_to_have(all[0].outputs, options, prepared);
    if (!ways.all.empty()) propose(ways, options.brought.outputs[0], all[0].outputs[0].shape);
    if (lacks_kernel) throw Error(fmt::format("{} takes --kernel", operator_name(c)));
  }
  for (std::size_t which = 0; which < all.size(); ++which) {
    all[which].told = judge_brought(prepared, said, options.brought.outputs[which], all[which].outputs);
  }
  fmt::print("{}\n\n{}", case_without_data(c), table_of(all));
  for (Judged& one : all) {
    if (!fails(one.told.result.verdict)) continue;
    explain_brought(one.told, prepared, said, one.outputs);
    fmt::print("{}", story_of(one));
    const Ways ways = ways_to_have(one.outputs, options, prepared);
    if (!ways.right.empty()) fmt::print("  its numbers are right with {}\n", simplest(ways.right));
  }
  std::vector<std::string> lines = comparison(all);
  for (const std::string& line : reservations(all)) lines.push_back(line);
  if (!lines.empty()) fmt::print("\n");
  for (const std::string& line : lines) fmt::print("{}", folded(line));
  const bool all_pass =
      std::all_of(all.begin(), all.end(), [](const Judged& one) { return passes(one.told.result.verdict); });
  return all_pass ? passed : failed;
}

}  // namespace

void add_judge(CLI::App& program, int& exit_code) {
  auto* const command =
      program.add_subcommand("judge", "Judges outputs that you have as .npy files, with their inputs");
  const auto options = std::make_shared<JudgeOptions>();
  add_brought_options(*command, options->brought);
  add_declared_options(*command, options->declared);
  command->remove_option(command->get_option("--fold"));  // of cases that refloop draws
  command->footer("Example: refloop judge --op conv2d --input x.npy --weight w.npy --padding 1 --output y.npy");
  command->callback([options, &exit_code] { exit_code = run_judge(*options); });
}

}  // namespace refloop::cli
