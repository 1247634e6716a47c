// refloop help TOPIC: the reference, printed from the tables that the program itself uses.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "check/common_fields.h"
#include "check/legal.h"
#include "check/table.h"
#include "cli/baseline.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "refloop/check.h"
#include "teach/source_text.h"

namespace refloop::cli {
namespace {

/// The head, then a row for each term.
std::string term_table(std::string_view head, std::span<const Term> terms) {
  std::vector<std::vector<std::string>> rows{{std::string(head), "means"}};
  for (const Term& term : terms) rows.push_back({std::string(term.name), std::string(term.says)});
  return table(rows);
}

std::string field_table(std::span<const Field> fields, const Family& family) {
  std::vector<std::vector<std::string>> rows{{"key", "setting", "default", "takes"}};
  for (const Field& field : fields) {
    rows.push_back(
        {std::string(field.key), std::string(field.word), field.kind->usual(field, family), field.kind->takes(field)});
  }
  return table(rows);
}

void help_case() {
  fmt::print(
      "A line of text is a whole case: its inputs follow from it and from nothing else.\n"
      "Tokens are parted by _; the operator comes first, then its settings in any\n"
      "order, then memory layout, element type, kind of data and seed. What is left\n"
      "out takes its default.\n\n"
      "  conv2d_n2_c8_i17x19_o12_k3_s2x1_p1x0_d1x2_g4_bias_f32_integer_seed7\n");
  for (const Family* family : families) {
    fmt::print("\n{}", folded(fmt::format("{0}1d {0}2d {0}3d: {1}", family->name, family->says)));
    fmt::print("{}", field_table(family->fields, *family));
    std::vector<std::string_view> dtypes;
    for (const DType dtype : family->dtypes) dtypes.push_back(to_text(dtype));
    fmt::print("element types: {}\n", fmt::join(dtypes, " "));
  }
  fmt::print("\nof every operator\n{}\n{}\n{}", field_table(common_fields, *families[0]),
             term_table("memory", layout_terms), term_table("data", data_terms));
}

/// What can become of a case since the baseline.
std::span<const Term> changes(bool worse) {
  const auto* const better = std::find_if(std::begin(change_terms), std::end(change_terms), [](const Term& term) {
    return !is_worse(static_cast<Change>(&term - change_terms));
  });
  return worse ? std::span(std::begin(change_terms), better) : std::span(better, std::end(change_terms));
}

void help_verdicts() {
  fmt::print(
      "{}\nOf a kernel that promises no order of summation these differences are legal:\n"
      "counted by name, and forgiven unless --require exact is given.\n\n{}\nExit status 0: something passed and "
      "nothing failed; 1: something failed, or\n"
      "nothing was compared; 2: the command could not be carried out.\n\nWith --baseline F it is 1 only where "
      "something got worse than in F, or no\n"
      "case of F was run. --accept changes what later runs are held to, not this\nexit status.\n\n{}\n{}",
      term_table("verdict", verdict_terms), term_table("difference", legal_differences),
      term_table("worse", changes(true)), term_table("not worse", changes(false)));
}

void help_report() {
  fmt::print(
      "--report json:F writes one object:\n{}\nand each result has\n{}\n"
      "--report junit:F writes the same as JUnit XML, one suite for each subject and\n"
      "operator.\n",
      term_table("key", report_terms), term_table("key", result_terms));
}

void help_plugin() {
  fmt::print("{}", teach::file_text("include/refloop/plugin.h"));
}

struct Topic {
  const char* name;
  const char* says;
  void (*print)();
};
constexpr Topic topics[] = {{"case", "how a case is written", help_case},
                            {"verdicts", "what a verdict means, and exit statuses", help_verdicts},
                            {"report", "what a report holds", help_report},
                            {"plugin", "the C functions by which a kernel of yours is checked", help_plugin}};

}  // namespace

void add_help(CLI::App& program, int& exit_code) {
  auto* const command = program.add_subcommand("help", "Explains how cases are written and what verdicts mean");
  std::vector<std::string_view> names;
  std::string says = "what to explain:";
  for (const Topic& topic : topics) {
    names.emplace_back(topic.name);
    says += fmt::format("\n{}: {}", topic.name, topic.says);
  }
  const auto asked = std::make_shared<std::string>();
  command->add_option("topic", *asked, says);
  command->callback([asked, names, &exit_code] {
    if (asked->empty()) throw Error(fmt::format("which topic? There are {}", fmt::join(names, ", ")));
    const auto* const topic =
        std::find_if(std::begin(topics), std::end(topics), [&](const Topic& one) { return one.name == *asked; });
    if (topic == std::end(topics)) {
      throw Error(fmt::format("there is no topic '{}'; there are {}", *asked, fmt::join(names, ", ")));
    }
    topic->print();
    exit_code = passed;
  });
  command->footer("Example: refloop help case");
}

}  // namespace refloop::cli
