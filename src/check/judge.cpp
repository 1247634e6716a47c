#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>

#include "check/tensors.h"
#include "check/ways.h"
#include "refloop/check.h"

namespace refloop {
namespace {

class Stopwatch {
 public:
  double seconds() const { return std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count(); }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

/// `1..3` or `1, 4, 7`: the indices of one axis that differ.
std::string index_list(const std::vector<bool>& touched) {
  std::vector<std::size_t> indices;
  for (std::size_t at = 0; at < touched.size(); ++at) {
    if (touched[at]) indices.push_back(at);
  }
  const bool run = indices.back() - indices.front() + 1 == indices.size();
  if (indices.size() == 1) return fmt::format("{}", indices[0]);
  if (run) return fmt::format("{}..{}", indices.front(), indices.back());
  constexpr std::size_t most_listed = 6;
  if (indices.size() <= most_listed) return fmt::format("{}", fmt::join(indices, ","));
  return fmt::format("{} of {} from {} to {}", indices.size(), touched.size(), indices.front(), indices.back());
}

std::string axis_name(std::size_t axis, std::size_t rank) {
  constexpr std::string_view spatial[] = {"z", "y", "x"};
  if (axis < 2) return axis == 0 ? "n" : "c";
  return std::string(spatial[3 - (rank - axis)]);
}

/// How the differing elements lie: the axes on which they take only some of the indices.
std::string describe(const Comparison& found, std::span<const Index> shape) {
  std::vector<std::string> parts;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    const auto& touched = found.touched[axis];
    if (std::all_of(touched.begin(), touched.end(), [](bool differs) { return differs; })) continue;
    parts.push_back(
        fmt::format("{} = {} of 0..{}", axis_name(axis, shape.size()), index_list(touched), shape[axis] - 1));
  }
  if (parts.empty()) return "spread over every index of every axis";
  return fmt::format("only at {}", fmt::join(parts, "; "));
}

std::string shape_text(const AnyTensor& tensor) {
  return fmt::format("{} {}", to_string(tensor.shape), to_text(tensor.dtype));
}

/// Compares output by output and fills in what a failure tells.
void compare_outputs(Result& result, Tensors expected, Tensors got) {
  if (expected.size() != got.size()) {
    result.verdict = Verdict::wrong;
    result.reason = fmt::format("gave {} outputs; {} are due", got.size(), expected.size());
    return;
  }
  bool weak = false;
  for (std::size_t number = 0; number < expected.size(); ++number) {
    const AnyTensor& wanted = expected[number];
    const AnyTensor& actual = got[number];
    if (wanted.shape != actual.shape || wanted.dtype != actual.dtype) {
      result.verdict = Verdict::wrong;
      result.reason = fmt::format("{} is {}; {} is due", wanted.name, shape_text(actual), shape_text(wanted));
      return;
    }
    const auto found = compare(wanted, actual, result.subject_case.family->copies_values);
    result.compared += found.compared;
    result.differing += found.differing;
    weak = weak || (number == 0 && tells_little(wanted));
    if (found.differing == 0 || result.first) continue;
    result.first = Difference{std::string(wanted.name),         found.first,
                              decimal(wanted, found.first),     decimal(actual, found.first),
                              hexadecimal(wanted, found.first), hexadecimal(actual, found.first)};
    result.where = describe(found, wanted.shape);
  }
  result.bits = digest(got);
  if (result.differing > 0) {
    result.verdict = Verdict::wrong;
    result.reason = fmt::format("{} of {} elements differ, {}", result.differing, result.compared, result.where);
  } else if (weak) {
    result.verdict = Verdict::weak;
    result.reason = "equal, but nearly all outputs are zero or NaN, so a broken kernel could have passed";
  } else {
    result.verdict = Verdict::exact;
  }
}

bool same_bits(Tensors expected, Tensors got, bool payloads_count) {
  const auto same = [&](const AnyTensor& wanted, const AnyTensor& actual) {
    return wanted.shape == actual.shape && wanted.dtype == actual.dtype &&
           compare(wanted, actual, payloads_count).differing == 0;
  };
  return std::equal(expected.begin(), expected.end(), got.begin(), got.end(), same);
}

/// Where no order is promised, the bits of any of the family's orders are right.
void compare_with_every_order(Result& result, Tensors inputs, Tensors expected, Tensors got) {
  const Case& c = result.subject_case;
  const Result unjudged = result;
  compare_outputs(result, expected, got);
  for (const Way& order : c.family->orders.subspan(1)) {
    if (result.verdict != Verdict::wrong) return;
    Result other = unjudged;
    compare_outputs(other, outputs_of(order, c, inputs), got);
    if (other.verdict == Verdict::wrong) continue;
    result = other;
    result.order = order.name;
  }
}

/// A wrong result that a named bug of the subject's gives in every bit is that bug's.
void blame_bug(Result& result, const Subject& subject, const Way& right, Tensors inputs, Tensors got) {
  const Case& c = result.subject_case;
  for (const Way& bug : subject.bugs(c)) {
    if (!same_bits(outputs_of(bug, c, right, inputs), got, c.family->copies_values)) continue;
    result.verdict = Verdict::skipped;
    result.reason = bug.says;
    return;
  }
}

}  // namespace

Result judge(const Case& c, const Subject& subject) {
  const Family& family = *c.family;
  family.legal(c);
  Result result;
  result.subject_case = c;
  result.subject = subject.name;
  const Way* const promised = subject.order(c);
  if (promised == nullptr && !family.all_orders_agree(c)) {
    result.verdict = Verdict::skipped;
    result.reason = fmt::format(
        "{} promises no order of summation, and {} data round differently in each; "
        "integer and wide data do not",
        subject.name, to_text(c.data));
    return result;
  }
  const Way& right = promised == nullptr ? *contract(c) : *promised;

  const std::vector<AnyTensor> inputs = family.inputs(c);
  const Stopwatch reference_watch;
  const std::vector<AnyTensor> expected = outputs_of(right, c, inputs);
  result.reference_seconds = reference_watch.seconds();

  std::vector<AnyTensor> before;
  before.reserve(inputs.size());
  for (const auto& input : inputs) before.push_back(copy(input));
  const Stopwatch subject_watch;
  const Outcome outcome = subject.run(c, inputs);
  result.subject_seconds = subject_watch.seconds();

  for (std::size_t number = 0; number < inputs.size(); ++number) {
    if (same_memory(inputs[number], before[number])) continue;
    result.verdict = Verdict::outside;
    result.reason = fmt::format("wrote into its input {}", inputs[number].name);
    return result;
  }
  if (outcome.instead != Verdict::exact) {
    result.verdict = outcome.instead;
    result.reason = outcome.reason;
    return result;
  }
  if (promised == nullptr) {
    compare_with_every_order(result, inputs, expected, outcome.outputs);
  } else {
    compare_outputs(result, expected, outcome.outputs);
  }
  if (result.verdict == Verdict::wrong && subject.bugs) blame_bug(result, subject, right, inputs, outcome.outputs);
  return result;
}

}  // namespace refloop
