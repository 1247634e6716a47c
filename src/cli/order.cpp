// refloop order: the order of summation that a subject turns out to use.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <iterator>
#include <memory>

#include "check/dispatch.h"
#include "check/judging.h"
#include "check/probe.h"
#include "check/table.h"
#include "cli/commands.h"
#include "cli/outside.h"
#include "cli/torch_module.h"
#include "refloop/check.h"

namespace refloop::cli {
namespace {

struct OrderOptions {
  std::string text, path;
  OutsideOptions kernel;
};

/// Raises Error for a case in which nothing is summed that could be asked about.
Case read_case(const std::string& text) {
  Case c = parse(text);
  if (c.family->nests.empty()) {
    throw Error(fmt::format("{} has no sums whose order could be found; conv and avg_pool have", operator_name(c)));
  }
  if (is_integer_type(c.dtype))
    throw Error(fmt::format("order takes f32 or f64, of which sums round; not {}", to_text(c.dtype)));
  c.data = Data::real;
  c.only.reset();
  if (c.family->outputs(c)[0].size() == 0) throw Error("the case has no output, and so no sum");
  return c;
}

void print_order(const FoundOrder& order, const FoundOrders& found, const Case& c) {
  std::string whose = fmt::format("all {} outputs", found.outputs);
  if (order.outputs < found.outputs) {
    whose = fmt::format("{} of {} outputs, first [{}]", order.outputs, found.outputs, fmt::join(order.first, ", "));
  }
  fmt::print("{}: {}\n", whose, in_words(order, c));
  if (order.tree.nodes.empty()) return;
  for (const std::string& line : drawn(order.tree, axes_of(order, c))) fmt::print("  {}\n", line);
}

/// Held to no promise, so that the order that it keeps is looked for.
Subject without_order(Subject subject) {
  subject.order = [](const Case&) -> const Way* { return nullptr; };
  return subject;
}

int tell_order(const Case& c, const Subject& subject) {
  Prepared prepared(c);
  const FoundOrders found = find_orders(c, subject, Ask::always);
  fmt::print("{} ({})\n", to_text(c), subject.name);
  const Result result = judge(prepared, without_order(subject));
  if (!found.nothing.empty()) {
    fmt::print("no order was looked for: {}\n", found.nothing);
    return failed;
  }
  for (const FoundOrder& order : found.orders) print_order(order, found, c);
  if (found.padding_only > 0) fmt::print("{} outputs read nothing but padding\n", found.padding_only);
  fmt::print("{} of {} outputs explained in every bit on three draws of random floats; {} calls asked\n",
             with_commas(static_cast<std::uint64_t>(found.explained)),
             with_commas(static_cast<std::uint64_t>(found.outputs)),
             with_commas(static_cast<std::uint64_t>(found.calls)));
  if (passes(result.verdict) && !result.order.empty() && !result.order.starts_with("found")) {
    fmt::print("known as {}\n", result.order);
  }
  return found.explains_all() ? passed : failed;
}

int run_order(const OrderOptions& options) {
  const Case c = read_case(options.text);
  if (names_outside(options.kernel)) {
    OutsideOptions kernel = options.kernel;
    kernel.operators = {operator_name(c)};
    return tell_order(c, open_outside(kernel).subject);
  }
  const auto* const path = std::find_if(std::begin(parity::paths), std::end(parity::paths),
                                        [&](const parity::Path& one) { return one.name == options.path; });
  const parity::Library& library = load_torch(path->stands_alone);
  fmt::print("LibTorch {}, {}: {}\n", library.version, path->name, path->says);
  return tell_order(c, library.subjects[static_cast<std::size_t>(path - parity::paths)]);
}

}  // namespace

void add_order(CLI::App& program, int& exit_code) {
  auto* const command =
      program.add_subcommand("order", "Finds the order of summation that a kernel turns out to use, by asking it");
  const auto options = std::make_shared<OrderOptions>();
  command->add_option("case", options->text, "a case of conv or avg_pool in f32 or f64")->required();
  std::vector<std::string> names;
  for (const auto& path : parity::paths) names.emplace_back(path.name);
  auto* const subjects = command->add_option_group("subject");
  subjects->add_option("--torch", options->path, "LibTorch on this path")->check(CLI::IsMember(names));
  add_outside_kernels(*subjects, options->kernel);
  subjects->require_option(1);
  add_torch_operator(*command, options->kernel);
  command->footer("Example: refloop order conv2d_c3_i6_o2_k3_p1_bias_f32 --lib ./libmine.so");
  command->callback([options, &exit_code] { exit_code = run_order(*options); });
}

}  // namespace refloop::cli
