#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <exception>

#include "check/dispatch.h"
#include "check/mix.h"
#include "check/processor_state.h"
#include "check/rounding.h"
#include "check/stopwatch.h"
#include "check/tensors.h"
#include "check/ways.h"
#include "refloop/check.h"
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

/// Compares output by output and fills in what a failure tells.
void compare_outputs(Result& result, Tensors expected, Tensors got, bool zero_signs_count = true) {
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
    const auto found = compare(wanted, actual,
                               {.payloads = result.subject_case.family->copies_values, .zero_signs = zero_signs_count});
    if (found.zero_signs > 0) result.forgiven["sign of a zero"] += found.zero_signs;
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

bool same_bits(Tensors expected, Tensors got, bool payloads_count) {
  const auto same = [&](const AnyTensor& wanted, const AnyTensor& actual) {
    return wanted.shape == actual.shape && wanted.dtype == actual.dtype &&
           compare(wanted, actual, {.payloads = payloads_count}).differing == 0;
  };
  return std::equal(expected.begin(), expected.end(), got.begin(), got.end(), same);
}

/// Where no order is promised, the bits of any of the family's orders are right, and so is the sign of a zero sum: it
/// hangs on what the sum began with.
void compare_with_every_order(Result& result, Prepared& prepared, Tensors got) {
  const Case& c = result.subject_case;
  const Result unjudged = result;
  compare_outputs(result, prepared.expected(*contract(c)), got);
  for (const Way& order : c.family->orders.subspan(1)) {
    if (result.verdict != Verdict::wrong) return;
    Result other = unjudged;
    compare_outputs(other, prepared.expected(order), got);
    if (other.verdict == Verdict::wrong) continue;
    result = other;
    result.order = order.name;
  }
  if (result.verdict != Verdict::wrong) return;
  Result forgiving = unjudged;
  compare_outputs(forgiving, prepared.expected(*contract(c)), got, false);
  if (forgiving.verdict != Verdict::wrong) result = forgiving;
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

std::uint64_t readable_digest(Tensors outputs) {
  const bool readable =
      std::all_of(outputs.begin(), outputs.end(), [](const AnyTensor& output) { return unreadable(output).empty(); });
  return readable ? digest(outputs) : 0;
}

/// What a subject throws is its own failure, and not the run's.
Outcome run_caught(const Subject& subject, const Case& c, Tensors inputs) {
  try {
    return subject.run(c, inputs);
  } catch (const std::exception& error) {
    return {.outputs = {}, .instead = Verdict::crashed, .reason = fmt::format("threw: {}", error.what())};
  } catch (...) {
    return {.outputs = {}, .instead = Verdict::crashed, .reason = "threw something that is no std::exception"};
  }
}

/// Runs a wrong subject once more. With other bits than before it is UNSTABLE, and no mistake explains it.
void look_again(Result& result, Prepared& prepared, const Subject& subject, Tensors got) {
  if (readable_digest(got) == 0) return;
  const Outcome again = run_caught(subject, result.subject_case, prepared.inputs());
  constexpr ProcessorState usual;
  usual.apply();
  prepared.restore_inputs();
  if (again.instead == Verdict::exact && readable_digest(again.outputs) == readable_digest(got)) return;
  result.verdict = Verdict::unstable;
  result.reason += fmt::format("; run again, {}", again.reason.empty() ? "the bits are others" : again.reason);
}

// ---- a subject that promises no order, on data that round in every order ----

/// Whether one and the same of the orders gives every bit on two draws more.
std::vector<std::string> confirmed(const Case& c, const Subject& subject, std::vector<std::string> orders) {
  for (std::uint64_t draw = 1; draw <= 2 && !orders.empty(); ++draw) {
    Case other = c;
    other.seed = c.seed + draw;
    Prepared prepared(other);
    const Outcome outcome = run_caught(subject, other, prepared.inputs());
    const bool is_answer = outcome.instead == Verdict::exact && !outcome.outputs.empty() &&
                           unreadable(outcome.outputs[0]).empty() &&
                           outcome.outputs[0].shape == prepared.expected(*contract(other))[0].shape;
    if (!is_answer) return {};
    orders = rounding_of(other, prepared.inputs(), outcome.outputs[0], &orders).orders;
  }
  return orders;
}

/// Whether the family's order gives every bit of a fresh draw too.
bool holds_on(const Case& c, const Subject& subject, const Way& order) {
  Prepared prepared(c);
  const Outcome outcome = run_caught(subject, c, prepared.inputs());
  const Tensors due = prepared.expected(order);
  return outcome.instead == Verdict::exact && outcome.outputs.size() == due.size() &&
         std::all_of(outcome.outputs.begin(), outcome.outputs.end(),
                     [](const AnyTensor& output) { return unreadable(output).empty(); }) &&
         same_bits(due, outcome.outputs, false);
}

/// Where no bound is known a subject is EXACT in one of the family's orders, on three draws, or SKIPPED.
void judge_by_orders(Result& result, Prepared& prepared, const Subject& subject, Tensors got) {
  const Case& c = result.subject_case;
  Result unjudged = result;
  for (const Way& order : c.family->orders) {
    result = unjudged;
    compare_outputs(result, prepared.expected(order), got);
    if (result.verdict == Verdict::wrong && result.compared == 0) return;  // of another size: wrong in any order
    if (result.verdict == Verdict::wrong) continue;
    Case second = c, third = c;
    second.seed = c.seed + 1;
    third.seed = c.seed + 2;
    if (!holds_on(second, subject, order) || !holds_on(third, subject, order)) continue;
    result.order = order.name;
    return;
  }
  result = unjudged;
  result.verdict = Verdict::skipped;
  result.reason = fmt::format("{} promises no order of summation, no known one gives these bits, and no bound is known",
                              subject.name);
}

/// The inputs with few weights left in each filter, so that the bound counts few terms.
std::vector<AnyTensor> thinned(const Case& c, Tensors inputs) {
  constexpr Index most_left = 16;
  std::vector<AnyTensor> sparse(inputs.begin(), inputs.end());
  AnyTensor* const weight = find(sparse, "weight");
  if (weight == nullptr || weight->shape.size() < 3) return {};
  const Index terms = volume(std::span(weight->shape).subspan(1));
  if (terms <= most_left) return {};
  *weight = copy(*weight);
  const Draw draw(c.seed, "sparse twin");
  dispatch(c.dtype, [&]<class T>() {
    T* const elements = static_cast<T*>(weight->data);
    Index position = 0;
    for_each_offset(*weight, [&](Index offset) {
      const Index filter = position / terms, at = position++ % terms;
      const Index turned = (at + draw.between(0, terms - 1, filter)) % terms;
      if ((turned + 1) * most_left / terms == turned * most_left / terms) elements[offset] = T{0};
    });
  });
  return sparse;
}

/// How far beyond, where that is no matter of another magnitude.
std::string times_the_bound(double share) {
  constexpr double most_told = 1e6;
  return share < most_told ? fmt::format(", up to {:.3g} times it", share) : std::string();
}

/// What speaks against a subject whose outputs are within the bound: its twins on exact data, and with few weights.
std::string objection_of_twins(const Case& c, const Subject& subject, Tensors inputs) {
  for (const Data data : {Data::integer, Data::wide}) {
    Case twin = c;
    twin.data = data;
    if (!c.family->all_orders_agree(twin)) continue;
    const Result result = judge(twin, subject);
    if (fails(result.verdict))
      return fmt::format("{} is {}: {}", to_text(twin), to_text(result.verdict), result.reason);
  }
  const std::vector<AnyTensor> sparse = thinned(c, inputs);
  if (sparse.empty()) return {};
  const Outcome outcome = run_caught(subject, c, sparse);
  if (outcome.instead == Verdict::skipped) return {};
  if (outcome.instead != Verdict::exact) return fmt::format("with few weights left: {}", outcome.reason);
  const Rounding rounding = rounding_of(c, sparse, outcome.outputs[0]);
  if (rounding.outside == 0) return {};
  return fmt::format("with few weights left {} elements lie beyond the rounding bound{}", rounding.outside,
                     times_the_bound(rounding.bound_used));
}

/// An order that is known by name, or the rounding bound; see check/rounding.h.
void judge_rounding(Result& result, Prepared& prepared, const Subject& subject, Tensors got) {
  const Case& c = result.subject_case;
  compare_outputs(result, prepared.expected(*contract(c)), got, false);
  result.by_rounding = true;
  if (result.verdict != Verdict::wrong) result.order = contract(c)->name;
  if (result.differing == 0) return;  // equal, or of another size
  const Rounding rounding = rounding_of(c, prepared.inputs(), got[0]);
  if (rounding.outside > 0) {
    const AnyTensor &due = prepared.expected(*contract(c))[0], &is = got[0];
    const auto& at = *rounding.first_outside;
    result.differing = rounding.outside;
    result.first = Difference{std::string(due.name), at, decimal(due, at), decimal(is, at), hexadecimal(due, at),
                              hexadecimal(is, at)};
    result.bound_used = rounding.bound_used;
    result.reason = fmt::format("{} of {} elements lie beyond the rounding bound{}", rounding.outside, result.compared,
                                times_the_bound(rounding.bound_used));
    return;
  }
  if (const auto orders = confirmed(c, subject, rounding.orders); !orders.empty()) {
    result.verdict = Verdict::exact;
    result.order = orders[0];
  } else if (!rounding.has_bound) {
    result.verdict = Verdict::skipped;
    result.reason = fmt::format(
        "{} promises no order of summation, no known one gives these bits, and no bound is known", subject.name);
    return;
  } else if (const auto objection = objection_of_twins(c, subject, prepared.inputs()); !objection.empty()) {
    result.reason = "within the rounding bound, but " + objection;
    return;
  } else {
    result.verdict = Verdict::bounded;
    result.bound_used = rounding.bound_used;
  }
  result.differing = 0;
  result.first.reset();
  result.most_ulps.reset();
  result.where.clear();
  result.reason.clear();
}

}  // namespace

Result judge(Prepared& prepared, const Subject& subject, Digests digests) {
  const Case& c = prepared.subject_case();
  const Family& family = *c.family;
  family.legal(c);
  Result result;
  result.subject_case = c;
  result.subject = subject.name;
  const Way* const promised = subject.order(c);
  const bool rounds = promised == nullptr && !family.all_orders_agree(c);
  if (rounds && !can_be_judged_without_order(c)) {
    result.verdict = Verdict::skipped;
    result.reason = fmt::format("{} promises no order of summation, and these {} data round differently in each",
                                subject.name, to_text(c.data));
    return result;
  }
  if (std::find(family.dtypes.begin(), family.dtypes.end(), c.dtype) == family.dtypes.end()) {
    throw Error(fmt::format("{} has no loops for {}", operator_name(c), to_text(c.dtype)));
  }
  const Way& right = promised == nullptr ? *contract(c) : *promised;
  const UsualState while_judging;
  const Tensors inputs = prepared.inputs();

  // Before the loops: while a subject runs, nothing that it could read holds what is expected.
  const Stopwatch watch;
  const Outcome outcome = run_caught(subject, c, inputs);
  result.subject_seconds = watch.seconds();
  const ProcessorState left = ProcessorState::now();
  constexpr ProcessorState usual;
  usual.apply();

  if (left != usual) {
    prepared.restore_inputs();
    result.verdict = Verdict::outside;
    result.reason = fmt::format("left the processor with {}", to_string(left));
  } else if (const auto written = prepared.restore_inputs(); !written.empty()) {
    result.verdict = Verdict::outside;
    result.reason = fmt::format("wrote into its input {}", written);
  } else if (outcome.instead != Verdict::exact) {
    result.verdict = outcome.instead;
    result.reason = outcome.reason;
  } else if (rounds && !has_terms(c)) {
    judge_by_orders(result, prepared, subject, outcome.outputs);
  } else if (rounds) {
    judge_rounding(result, prepared, subject, outcome.outputs);
  } else if (promised == nullptr) {
    compare_with_every_order(result, prepared, outcome.outputs);
  } else {
    compare_outputs(result, prepared.expected(right), outcome.outputs);
  }
  if (result.verdict == Verdict::wrong && outcome.instead == Verdict::exact) {
    look_again(result, prepared, subject, outcome.outputs);
  }
  if (result.verdict == Verdict::wrong && subject.bugs) blame_bug(result, subject, right, inputs, outcome.outputs);
  if (digests == Digests::always || fails(result.verdict)) result.bits = readable_digest(outcome.outputs);
  result.reference_seconds = prepared.take_loop_seconds();
  return result;
}

}  // namespace refloop
