// refloop help TOPIC: the reference, printed from the tables that the program itself uses.
#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "cli/commands.h"
#include "cli/terminal.h"
#include "refloop/check.h"

namespace refloop::cli {
namespace {

std::string default_of(const Family& family, const Field& field) {
  const Case plain;
  if (field.required) return "must be given";
  if (field.same_as != nullptr) {
    for (const Field& other : family.fields) {
      const auto* axes = std::get_if<Axes Case::*>(&other.at);
      if (axes != nullptr && *axes == field.same_as) return fmt::format("as {}", other.key);
    }
  }
  const auto number_text = [&](Index number) { return number < field.least ? "none" : std::to_string(number); };
  if (const auto* index = std::get_if<Index Case::*>(&field.at)) return number_text(plain.**index);
  if (const auto* axes = std::get_if<Axes Case::*>(&field.at)) return number_text((plain.**axes)[0]);
  if (const auto* number = std::get_if<double Case::*>(&field.at)) return fmt::format("{}", plain.**number);
  return field.off.empty() ? "without" : std::string(field.off);
}

std::string takes(const Field& field) {
  if (std::holds_alternative<Index Case::*>(field.at)) return fmt::format("a whole number from {}", field.least);
  if (std::holds_alternative<Axes Case::*>(field.at)) {
    return fmt::format("one number from {} for all axes, or one per axis with x between", field.least);
  }
  if (std::holds_alternative<double Case::*>(field.at)) return "a number like 0p1 or 1em5";
  return field.off.empty() ? "nothing behind it" : fmt::format("nothing behind it; the opposite is {}", field.off);
}

void help_case() {
  fmt::print(
      "A line of text is a whole case: its inputs follow from it and from nothing else.\n"
      "Tokens are parted by _; the operator comes first, then its settings in any order, then\n"
      "memory layout, element type, kind of data and seed. What is left out takes its default.\n\n"
      "  conv2d_n2_c8_i17x19_o12_k3_s2x1_p1x0_d1x2_g4_bias_f32_integer_seed7\n");
  for (const Family* family : families) {
    fmt::print("\n{}1d {}2d {}3d: {}\n", family->name, family->name, family->name, family->says);
    std::vector<std::vector<std::string>> rows{{"key", "setting", "default", "takes"}};
    for (const Field& field : family->fields) {
      rows.push_back({std::string(field.key), std::string(field.word), default_of(*family, field), takes(field)});
    }
    fmt::print("{}", table(rows));
    std::vector<std::string_view> dtypes;
    for (const DType dtype : family->dtypes) dtypes.push_back(to_text(dtype));
    fmt::print("element types: {}\n", fmt::join(dtypes, " "));
  }
  fmt::print(
      "\nof every operator\n{}",
      table({{"token", "means"},
             {"channelslast", "memory with the channels innermost; without it dense, last axis innermost"},
             {"strided", "memory with gaps: every second element of a row, and one unused after each row and plane"},
             {"f32", "the element type, if none is given"},
             {"integer", "small whole numbers whose sums are exact in any order (the kind, if none is given)"},
             {"wide",
              "few products of numbers that use every significand bit: exact in any order, wrong at once in TF32"},
             {"real", "about normal random numbers, compared where the order of summation is promised"},
             {"special", "real numbers among NaN, infinities, signed zeros, subnormals and extremes"},
             {"coded", "every input its own number and one weight per filter 1: a wrong output names what was read"},
             {"seed7", "which of the random inputs; 0 if not given"}}));
}

void help_verdicts() {
  fmt::print("{}",
             table({{"verdict", "means"},
                    {"EXACT", "sizes, element type and every bit are equal (NaN equals NaN)"},
                    {"WEAK", "equal, but nearly all outputs are zero or NaN: a broken kernel could have passed"},
                    {"SKIPPED",
                     "not compared, with the reason: LibTorch refuses the case, or promises no order for such data"},
                    {"WRONG", "at least one bit differs, or sizes or element type do"},
                    {"OUTSIDE", "the subject wrote into its own input"}}));
  fmt::print(
      "\nExit status 0: something passed and nothing failed; 1: something failed, or nothing was compared;\n"
      "2: the command could not be carried out.\n");
}

void help_report() {
  fmt::print("--report json:F writes one object:\n{}",
             table({{"key", "holds"},
                    {"refloop", "version of refloop"},
                    {"data", "version of the generator: equal versions make equal inputs of a text"},
                    {"libtorch", "version compared with, or null"},
                    {"command", "the command line, without --shard, --jobs and --report"},
                    {"seed", "of the random cases"},
                    {"cases", "number of results"},
                    {"seconds", "wall time; of shards put together, their sum"},
                    {"verdicts", "how many of each"},
                    {"results", "one object each, by case and subject"}}));
  fmt::print("\nand each result has\n{}",
             table({{"key", "holds"},
                    {"case", "the text that names it"},
                    {"subject", "who was judged"},
                    {"verdict", "refloop help verdicts tells what it means"},
                    {"bits", "digest of the outputs, in hexadecimal; NaNs count as one value"},
                    {"compared, differing", "numbers of elements; this and what follows only where it is not EXACT"},
                    {"bound_used", "null: no verdict rests on a rounding bound yet"},
                    {"reason", "in words"},
                    {"first", "output, at, expected and got: the first element that differs"},
                    {"smallest", "text of the smallest case found that still fails"},
                    {"looks_like", "the known mistake that gives the same bits"}}));
  fmt::print("\n--report junit:F writes the same as JUnit XML, one suite for each subject and operator.\n");
}

struct Topic {
  const char* name;
  const char* says;
  void (*print)();
};
constexpr Topic topics[] = {{"case", "how a case is written", help_case},
                            {"verdicts", "what a verdict means, and exit statuses", help_verdicts},
                            {"report", "what a report holds", help_report}};

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
