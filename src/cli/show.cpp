// refloop show: a case's tensors as the notebook prints them.
#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <memory>
#include <optional>
#include <utility>

#include "check/table.h"
#include "check/tally.h"
#include "cli/commands.h"
#include "cli/parity.h"
#include "cli/torch_module.h"
#include "refloop/check.h"
#include "refloop/print.h"

namespace refloop::cli {
namespace {

struct ShowOptions {
  std::string text, path;
};

/// A paragraph as wide as tensors are printed.
void say(const std::string& paragraph) {
  constexpr std::size_t page_width = 80;
  fmt::print("{}\n", folded(paragraph, page_width));
}

void print_all(std::string_view whose, Tensors tensors) {
  for (const AnyTensor& tensor : tensors) print(tensor, fmt::format("{}{}", whose, tensor.name));
}

/// The inputs, and what the loops make of them in that order.
void print_case(Prepared& prepared, const Way& order) {
  fmt::print("{}\n\n", to_text(prepared.subject_case()));
  print_all("", prepared.inputs());
  say(fmt::format("The loops, in the order {}: {}.", order.name, order.says));
  print_all("expected ", prepared.expected(order));
}

int show_with_torch(Prepared& prepared, const parity::Path& path) {
  const parity::Library& library = load_torch(path.stands_alone);
  Subject subject = tried_subject(library, path);
  const Case& c = prepared.subject_case();
  const Way* const promised = subject.order(c);
  print_case(prepared, promised == nullptr ? *contract(c) : *promised);

  const Outcome outcome = subject.run(c, prepared.inputs());
  say(fmt::format("LibTorch {}, {}: {}.", library.version, path.name, path.says));
  print_all(fmt::format("{} ", path.name), outcome.outputs);
  // The first time it is what was just printed; what is run beside it to judge that is run as ever.
  subject.run = [run = subject.run, first = std::optional(outcome)](const Case& asked, Tensors in) mutable {
    return first ? *std::exchange(first, std::nullopt) : run(asked, in);
  };
  const Result result = judge(prepared, subject);
  fmt::print("{}", Tally().story(result, parity_command(result) + " --case "));
  return fails(result.verdict) ? failed : passed;
}

int run_show(const ShowOptions& options) {
  Prepared prepared(parse(options.text));
  if (options.path.empty()) {
    print_case(prepared, *contract(prepared.subject_case()));
    return passed;
  }
  const auto* const path = std::find_if(std::begin(parity::paths), std::end(parity::paths),
                                        [&](const parity::Path& one) { return one.name == options.path; });
  return show_with_torch(prepared, *path);
}

}  // namespace

void add_show(CLI::App& program, int& exit_code) {
  auto* const command = program.add_subcommand("show", "Prints a case's tensors: its inputs, and what is expected");
  const auto options = std::make_shared<ShowOptions>();
  command->add_option("case", options->text, "the case; refloop help case tells how cases are written")->required();
  std::vector<std::string> names;
  for (const auto& path : parity::paths) names.emplace_back(path.name);
  command
      ->add_option("--torch", options->path,
                   "also what this LibTorch gives, and the verdict; refloop parity --help says which there are")
      ->check(CLI::IsMember(names));
  command->footer("Example: refloop show conv2d_c2_i4_o2_k3_g2_coded_seed1");
  command->callback([options, &exit_code] { exit_code = run_show(*options); });
}

}  // namespace refloop::cli
