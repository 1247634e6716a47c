#include "check/differences.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "check/legal.h"
#include "check/tensors.h"
#include "refloop/window.h"

namespace refloop {
namespace {

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

/// Whether all that differs lies in the first or last index of some spatial axis: where padding is read.
bool is_border(const Comparison& found, std::span<const Index> shape) {
  return shape.size() > 2 && volume(shape) > 1 && found.differing == found.on_border;
}

/// How the differing elements lie: the axes on which they take only some of the indices.
std::string describe(const Comparison& found, std::span<const Index> shape, const AnyTensor& got) {
  std::vector<std::string> parts;
  for (std::size_t axis = 0; axis < shape.size(); ++axis) {
    const auto& touched = found.touched[axis];
    if (std::all_of(touched.begin(), touched.end(), [](bool differs) { return differs; })) continue;
    parts.push_back(
        fmt::format("{} = {} of 0..{}", axis_name(axis, shape.size()), index_list(touched), shape[axis] - 1));
  }
  std::string text =
      parts.empty() ? "spread over every index of every axis" : fmt::format("only at {}", fmt::join(parts, "; "));
  if (is_border(found, shape)) text += "; all of them on the border";
  if (is_all_zero(got)) text += "; all outputs are zero";
  if (is_unwritten(got, found.first)) text += "; the first of them was never written";
  return text;
}

std::string shape_text(const AnyTensor& tensor) {
  return fmt::format("{} {}", to_string(tensor.shape), to_text(tensor.dtype));
}

/// The formula that gives a spatial size, where one is wrong: `y: floor((9 + 1 + 1 - 3) / 2) + 1 = 5`.
std::string size_formula(const Case& c, std::span<const Index> shape, std::span<const Index> due) {
  if (shape.size() != due.size() || c.kernel[0] == 0) return {};
  std::string text;
  for (std::size_t axis = 0; axis + 2 < due.size(); ++axis) {
    if (shape[axis + 2] == due[axis + 2]) continue;
    text += fmt::format("; {}: {}(({} + {} + {} - {}) / {}) + 1 = {}", axis_name(axis + 2, due.size()),
                        c.ceil ? "ceil" : "floor", c.input[axis], c.before[axis], c.after[axis],
                        reach(c.kernel[axis], c.dilation[axis]), c.stride[axis], due[axis + 2]);
    if (c.ceil) text += ", less a window that would start beyond the last cell";
  }
  return text;
}

}  // namespace

void compare_outputs(Result& result, Tensors expected, Tensors got, Compare counts) {
  result.verdict = Verdict::wrong;
  if (expected.size() != got.size()) {
    result.reason = fmt::format("gave {} outputs; {} are due", got.size(), expected.size());
    return;
  }
  bool weak = false;
  for (std::size_t number = 0; number < expected.size(); ++number) {
    const AnyTensor& wanted = expected[number];
    const AnyTensor& actual = got[number];
    if (const std::string why = unreadable(actual); !why.empty()) {
      result.reason = fmt::format("{} {}", wanted.name, why);
      return;
    }
    if (wanted.shape != actual.shape || wanted.dtype != actual.dtype) {
      result.reason = fmt::format("{} is {}; {} is due{}", wanted.name, shape_text(actual), shape_text(wanted),
                                  size_formula(result.subject_case, actual.shape, wanted.shape));
      return;
    }
    const auto found = compare(wanted, actual, counts);
    if (found.zero_signs > 0) result.forgiven[std::string(difference::sign_of_a_zero)] += found.zero_signs;
    // Elsewhere a NaN is computed, and which one means nothing.
    const bool copies = result.subject_case.family->copies_values;
    if (copies && found.payloads > 0) result.forgiven[std::string(difference::payload_of_a_nan)] += found.payloads;
    result.compared += found.compared;
    result.differing += found.differing;
    if (found.most_ulps) result.most_ulps = std::max(result.most_ulps.value_or(0), *found.most_ulps);
    weak = weak || (number == 0 && tells_little(wanted));
    if (found.differing == 0 || result.first) continue;
    result.first = Difference{std::string(wanted.name),         found.first,
                              decimal(wanted, found.first),     decimal(actual, found.first),
                              hexadecimal(wanted, found.first), hexadecimal(actual, found.first)};
    result.where = describe(found, wanted.shape, actual);
  }
  if (result.differing > 0) {
    result.reason = fmt::format("{} of {} elements differ, {}", result.differing, result.compared, result.where);
  } else if (weak) {
    result.verdict = Verdict::weak;
    result.reason = "equal, but nearly all outputs are zero or NaN, so a broken kernel could have passed";
  } else {
    result.verdict = Verdict::exact;
  }
}

bool are_readable(Tensors expected, Tensors got) {
  return std::equal(expected.begin(), expected.end(), got.begin(), got.end(),
                    [](const AnyTensor& wanted, const AnyTensor& actual) {
                      return unreadable(actual).empty() && wanted.shape == actual.shape && wanted.dtype == actual.dtype;
                    });
}

}  // namespace refloop
