// refloop help TOPIC: the reference, printed from the tables that the program itself uses.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <memory>

#include "check/call_names.h"
#include "check/common_fields.h"
#include "check/legal.h"
#include "check/table.h"
#include "cli/baseline.h"
#include "cli/commands.h"
#include "cli/report.h"
#include "refloop/check.h"
#include "subjects/program.h"
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
  fmt::print(
      "{}\nA library may export functions by the calling convention of Apache TVM-FFI\n"
      "instead (TVM_FFI_DLL_EXPORT_TYPED_FUNC). They get tensors (None for one that a\n"
      "case lacks), then settings (a Shape where there is one number per axis, None for\n"
      "no divisor), then the outputs that they write. NotImplementedError says that\n"
      "they do not take such a case; what else they raise is an error.\n\n",
      teach::file_text("include/refloop/plugin.h"));
  for (const Family* family : families) {
    fmt::print("__tvm_ffi_{}({})\n", operator_name(*family, 2), fmt::join(call_names(*family, 2).all(), ", "));
  }
}

void help_program() {
  fmt::print(
      "refloop check --exec 'python3 mine.py' runs a program of yours, in any language, and\n"
      "asks it case by case. In Python `import refloop` does all that follows: it finds the\n"
      "module in {}.\n\n"
      "The program is started by /bin/sh -c 'exec ...', two of it for each of --jobs, one with\n"
      "OMP_NUM_THREADS=1 and one with all threads. Standard input and output are its line to\n"
      "refloop: each line that it reads it answers by one, written out at once. What else it\n"
      "has to say goes to standard error, whose last line is shown where it fails.\n\n"
      "The first line is\n"
      "  {{\"refloop\": \"{}\", \"protocol\": 1}}\n"
      "and the answer `ok: conv2d max_pool2d`, the operators that it has, or `ok`, which asks\n"
      "for all. It may take six times --time-limit. Each further line is a case:\n"
      "  {{\"case\": TEXT, \"operator\": \"conv2d\",\n"
      "   \"settings\": {{\"stride\": [1, 1], \"padding\": [0, 0], \"padding_after\": [0, 0],\n"
      "                \"dilation\": [1, 1], \"groups\": 1}},\n"
      "   \"inputs\": [{{\"name\": \"input\", \"dtype\": \"f32\", \"shape\": [1, 1, 4, 4],\n"
      "               \"strides\": [16, 16, 4, 1], \"file\": PATH, \"offset\": 12224}}, ...],\n"
      "   \"outputs\": [the same]}}\n"
      "Strides count elements; offset is where in the file the first element is, in bytes.\n"
      "The file is to be mapped as shared memory, or read and written; one of the same path\n"
      "stays the same. Settings have torch's names, one number for each axis, and null for\n"
      "none; padding is what is before, padding_after what is behind. Optional tensors (bias)\n"
      "are absent. An output that has the name of an input (running_mean) begins as that.\n"
      "Each answer is one of\n"
      "  ok                 the outputs are written\n"
      "  unsupported: WHY   it does not take such a case, which is SKIPPED\n"
      "  error: WHY         it should have, which is WRONG\n"
      "No answer in time is HUNG, the end of the program CRASHED, and writing anywhere but\n"
      "into the outputs OUTSIDE; then it is started anew. Any other answer is WRONG.\n\n"
      "In Python a kernel gets the tensors and settings that its arguments name; where it has\n"
      "no argument for one, only cases are asked in which that does nothing. Arrays are\n"
      "NumPy's, or torch's or JAX's with @refloop.kernel(\"conv2d\", arrays=\"torch\");\n"
      "dtypes=(\"f32\",) says which it takes. It returns an array of any library, or a tuple\n"
      "of the outputs in their order: output, indices; output, running_mean, running_var\n"
      "(which may be updated in place instead). `raise refloop.Unsupported(\"why\")` skips a\n"
      "case. A pool may have an argument return_indices.\n",
      subjects::python_folder(), version);
}

struct Topic {
  const char* name;
  const char* says;
  void (*print)();
};
constexpr Topic topics[] = {{"case", "how a case is written", help_case},
                            {"verdicts", "what a verdict means, and exit statuses", help_verdicts},
                            {"report", "what a report holds", help_report},
                            {"plugin", "the C functions by which a kernel of yours is checked", help_plugin},
                            {"program", "how a program of yours is asked, in Python and in others", help_program}};

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
