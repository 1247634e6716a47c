// A subject that promises no order of summation. On data that are exact in every order it is held to every bit, but for
// legal differences. On others it is EXACT in an order that is known by name or found by probing, BOUNDED by what
// rounding may do where its twins on telling data agree, or WRONG.
#include <fmt/format.h>

#include <algorithm>

#include "check/bound.h"
#include "check/differences.h"
#include "check/dispatch.h"
#include "check/judging.h"
#include "check/legal.h"
#include "check/mix.h"
#include "check/orders.h"
#include "check/probe.h"
#include "check/tensors.h"

namespace refloop {
namespace {

bool is_declared(const Algorithm& algorithm, const Declared& declared) {
  const auto& names = declared.algorithms;
  return std::find(names.begin(), names.end(), algorithm.name) != names.end();
}

Compare counts_of(const Case& c, const Declared& declared) {
  return declared.exact_only ? every_bit(c) : in_any_order(c);
}

// ---- data that are exact ----

/// The bits of any of the family's orders are right; then legal differences are forgiven.
void compare_with_every_order(Result& result, Prepared& prepared, const Declared& declared, Tensors got) {
  const Case& c = result.subject_case;
  const Result unjudged = result;
  const auto& orders = c.family->orders;
  for (const Way& order : result.is_folded ? orders.first(1) : orders) {  // the loops of another would take too long
    Result other = unjudged;
    compare_outputs(other, prepared.expected(order), got, every_bit(c));
    if (other.verdict != Verdict::wrong) {
      result = other;
      if (&order != contract(c)) result.order = order.name;
      return;
    }
    if (&order == contract(c)) result = other;
  }
  if (result.compared == 0 || declared.exact_only) return;  // of another size, or nothing is forgiven
  const Tensors due = prepared.expected(*contract(c));
  Result forgiving = unjudged;
  compare_outputs(forgiving, due, got, in_any_order(c));
  if (forgiving.verdict == Verdict::wrong) {
    forgiving = unjudged;
    const std::vector<AnyTensor> mended = pardoned(forgiving, prepared, declared, due, got);
    compare_outputs(forgiving, due, mended, in_any_order(c));
  }
  if (forgiving.verdict != Verdict::wrong) result = forgiving;
}

// ---- data that round ----

/// Whether one and the same of the orders gives every bit on two draws more. Who answers once is not asked for them.
std::vector<std::string> confirmed(const Case& c, const Subject& subject, std::vector<std::string> orders) {
  if (subject.answers_once) return orders;
  for (std::uint64_t draw = 1; draw <= 2 && !orders.empty(); ++draw) {
    Case other = c;
    other.seed = c.seed + draw;
    Prepared prepared(other);
    const Outcome outcome = run_caught(subject, other, prepared.inputs());
    if (outcome.instead != Verdict::exact || !are_readable(c.family->outputs(c), outcome.outputs)) return {};
    orders = orders_giving(prepared, outcome.outputs, orders, subject.declared.exact_only);
  }
  return orders;
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

/// The inputs of sums without weights with few elements left: about eight in a window, and the first and the last of
/// each plane.
std::vector<AnyTensor> thinned_inputs(const Case& c, Tensors inputs, std::uint64_t phase) {
  constexpr Index most_left = 8;
  const Index window = volume(first_axes(c.kernel, c.dims)), plane = volume(first_axes(c.input, c.dims));
  const Index one_in = std::max<Index>(1, window / most_left);
  std::vector<AnyTensor> sparse(inputs.begin(), inputs.end());
  if (one_in == 1) return {};
  sparse[0] = copy(sparse[0]);
  const Draw draw(c.seed + phase, "sparse input");
  dispatch(c.dtype, [&]<class T>() {
    T* const elements = static_cast<T*>(sparse[0].data);
    Index position = 0;
    for_each_offset(sparse[0], [&](Index offset) {
      const Index at = position++, place = at % plane;
      const bool is_end = place == 0 || place == plane - 1;
      if (!is_end && draw.between(0, one_in - 1, at) != 0) elements[offset] = T{0};
    });
  });
  return sparse;
}

/// What speaks against a subject on other inputs of the case's sizes.
std::string objection_of(const Case& c, const Subject& subject, const Algorithm& algorithm, Tensors inputs,
                         std::string_view which) {
  const Outcome outcome = run_caught(subject, c, inputs);
  if (outcome.instead == Verdict::skipped) return {};
  if (outcome.instead != Verdict::exact) return fmt::format("{}: {}", which, outcome.reason);
  if (!are_readable(c.family->outputs(c), outcome.outputs)) return fmt::format("{}: outputs of another size", which);
  const Share share = share_of(margins_of(c, subject.declared, inputs), outcome.outputs);
  if (share.outside == 0) return {};
  return fmt::format("{} {} elements lie beyond {}{}", which, share.outside, bound_name(c, algorithm),
                     times_the_bound(share.used));
}

/// What speaks against a subject whose outputs are within a bound: its twins on exact data, and with few weights. Who
/// answers once has answers to the twins at most.
std::string objection_of_twins(const Case& c, const Subject& subject, const Algorithm& algorithm, Tensors inputs) {
  if (algorithm.telling != nullptr && !subject.answers_once) {
    const std::vector<AnyTensor> telling = algorithm.telling(c);
    return objection_of(c, subject, algorithm, telling, "with few channels of small whole numbers");
  }
  for (const Case& twin : c.family->twins(c)) {
    const Result result = judge_twin(twin, subject);
    if (fails(result.verdict))
      return fmt::format("{} is {}: {}", to_text(twin), to_text(result.verdict), result.reason);
  }
  if (subject.answers_once) return {};
  if (const std::vector<AnyTensor> sparse = thinned(c, inputs); !sparse.empty()) {
    return objection_of(c, subject, algorithm, sparse, "with few weights left");
  }
  const bool is_weighted = find(inputs, "weight") != nullptr;
  for (std::uint64_t phase = 0; phase < 3 && !is_weighted && !c.family->nests.empty(); ++phase) {
    const std::vector<AnyTensor> sparse = thinned_inputs(c, inputs, phase);
    if (sparse.empty()) break;
    std::string objection = objection_of(c, subject, algorithm, sparse, "with few inputs left");
    if (!objection.empty()) return objection;
  }
  return {};
}

/// Why a bound is not enough where nothing can be asked that would tell more.
std::string untold_of(const Case& c, const Subject& subject) {
  constexpr Index most_terms = 32;  // up to these the bound alone shows a term that is left out, or rounded
  if (!subject.answers_once) return {};
  const std::vector<Case> twins = c.family->twins(c);
  for (const Case& twin : twins) {
    Prepared prepared(twin);
    if (run_caught(subject, twin, prepared.inputs()).instead == Verdict::skipped)
      return fmt::format("there are no outputs of {}, which tell more", to_text(twin));
  }
  const Index outputs = std::max<Index>(1, c.family->outputs(c)[0].size());
  return twins.empty() && c.family->work(c) / outputs > most_terms ? "no data of its sizes tell more" : "";
}

/// Passes it for a reason other than equal bits.
void pass(Result& result, Verdict verdict) {
  result.verdict = verdict;
  result.differing = 0;
  result.first.reset();
  result.most_ulps.reset();
  result.where.clear();
  result.reason.clear();
}

void tell_outside(Result& result, Prepared& prepared, const Share& share, const std::string& bound, Tensors got) {
  const AnyTensor &due = prepared.expected(*contract(result.subject_case))[share.output], &is = got[share.output];
  result.differing = share.outside;
  result.first = Difference{std::string(due.name),         share.first,
                            decimal(due, share.first),     decimal(is, share.first),
                            hexadecimal(due, share.first), hexadecimal(is, share.first)};
  result.bound_used = share.used;
  result.reason = fmt::format("{} of {} elements lie beyond {}{}", share.outside, result.compared, bound,
                              times_the_bound(share.used));
}

/// The order of summation that the subject turns out to use, where it gives every bit.
std::string found_order(const Case& c, const Subject& subject, const Algorithm& algorithm, const AnyTensor& got) {
  const bool are_sums = !c.family->nests.empty() && &algorithm == c.family->algorithms.data();
  if (!are_sums || c.data != Data::real || c.only || !is_one_in(subject.asked_one_in, c)) return {};
  const FoundOrders found = find_orders(c, subject, Ask::where_none_is_known, &got);
  return found.explains_all() ? "found: " + in_words(found, c) : std::string();
}

/// The verdict of the algorithm's bound on outputs that no order explains.
void judge_by_bound(Result& result, Prepared& prepared, const Subject& subject, Tensors got, bool is_twin) {
  const Case& c = result.subject_case;
  const Algorithm& algorithm = *algorithm_of(c, subject.declared);
  const std::string bound = bound_name(c, algorithm);
  const Share share =
      share_of(margins_of(c, subject.declared, prepared.inputs()), got, prepared.expected(*contract(c)));
  if (share.outside > 0) return tell_outside(result, prepared, share, bound, got);
  const bool is_legal = c.data == Data::special && !algorithm.unknown.empty() && !subject.declared.exact_only;
  if (is_legal && share.unknown > 0) result.forgiven[std::string(algorithm.unknown)] += share.unknown;
  if (share.unknown > 0 && !is_legal) {
    result.verdict = Verdict::skipped;
    result.reason = fmt::format(
        "{} promises no order of summation, no known one gives these bits, and no bound is known", subject.name);
    return;
  }
  const auto objection = is_twin ? std::string() : objection_of_twins(c, subject, algorithm, prepared.inputs());
  if (!objection.empty()) {
    result.reason = fmt::format("within {}, but {}", bound, objection);
    return;
  }
  if (const std::string order = found_order(c, subject, algorithm, got[0]); !order.empty()) {
    pass(result, Verdict::exact);
    result.order = order;
    return;
  }
  if (subject.declared.exact_only) {
    result.reason = fmt::format("within {}, but no order of summation that is known or found gives these bits", bound);
    return;
  }
  if (const std::string untold = is_twin ? std::string() : untold_of(c, subject); !untold.empty()) {
    pass(result, Verdict::skipped);
    result.reason = fmt::format("within {}, but {}", bound, untold);
    return;
  }
  pass(result, Verdict::bounded);
  result.bound_used = share.used;
  result.algorithm = algorithm.name;
}

void judge_rounding(Result& result, Prepared& prepared, const Subject& subject, Tensors got, bool is_twin) {
  const Case& c = result.subject_case;
  const Tensors due = prepared.expected(*contract(c));
  const Result unjudged = result;
  compare_outputs(result, due, got, counts_of(c, subject.declared));
  if (result.verdict != Verdict::wrong) result.order = contract(c)->name;
  if (result.differing == 0) return;  // equal, or of another size
  if (const auto orders =
          confirmed(c, subject, orders_giving(prepared, got, std::nullopt, subject.declared.exact_only));
      !orders.empty()) {
    pass(result, Verdict::exact);
    result.order = orders[0];
    return;
  }
  if (c.data == Data::special && !subject.declared.exact_only) {
    Result forgiving = unjudged;
    const std::vector<AnyTensor> mended = pardoned(forgiving, prepared, subject.declared, due, got);
    result.forgiven = forgiving.forgiven;
    return judge_by_bound(result, prepared, subject, mended, is_twin);
  }
  judge_by_bound(result, prepared, subject, got, is_twin);
}

}  // namespace

Margins margins_of(const Case& c, const Declared& declared, Tensors in) {
  const auto& known = c.family->algorithms;
  Margins margins = known[0].margins(c, declared, in);
  for (const Algorithm& algorithm : known.subspan(1)) {
    if (!is_declared(algorithm, declared) || !algorithm.fits(c)) continue;
    const Margins others = algorithm.margins(c, declared, in);
    for (std::size_t output = 0; output < margins.size(); ++output) {
      for (std::size_t at = 0; at < margins[output].size(); ++at) {
        if (others[output][at].radius > margins[output][at].radius) margins[output][at] = others[output][at];
      }
    }
  }
  return margins;
}

std::string times_the_bound(double share) {
  constexpr double most_told = 1e6;
  return share < most_told ? fmt::format(", up to {:.3g} times it", share) : std::string();
}

std::string bound_name(const Case& c, const Algorithm& algorithm) {
  const bool is_first = &algorithm == c.family->algorithms.data();
  return is_first ? "the rounding bound" : fmt::format("the bound of {}", algorithm.name);
}

bool can_be_judged_without_order(const Case& c) {
  return c.family->all_orders_agree(c) || (!is_integer_type(c.dtype) && c.data != Data::wild);
}

const Algorithm* algorithm_of(const Case& c, const Declared& declared) {
  const auto& known = c.family->algorithms;
  for (const Algorithm& algorithm : known) {
    if (is_declared(algorithm, declared) && algorithm.fits(c)) return &algorithm;
  }
  return known.empty() ? nullptr : known.data();
}

const Algorithm* undeclared_algorithm(Prepared& prepared, const Declared& declared, Tensors got) {
  const Case& c = prepared.subject_case();
  if (is_integer_type(c.dtype) || c.data == Data::wild) return nullptr;
  const Algorithm* const own = algorithm_of(c, declared);
  for (const Algorithm& algorithm : c.family->algorithms) {
    if (&algorithm == own || algorithm.declare.empty() || !algorithm.fits(c)) continue;
    const Share share = share_of(algorithm.margins(c, declared, prepared.inputs()), got);
    if (share.outside == 0 && share.unknown == 0) return &algorithm;
  }
  return nullptr;
}

void judge_without_order(Result& result, Prepared& prepared, const Subject& subject, Tensors got, bool is_twin) {
  const Case& c = result.subject_case;
  const Declared& declared = subject.declared;
  const Algorithm* const algorithm = algorithm_of(c, declared);
  result.by_rounding = !is_exact(c, declared, prepared.inputs());
  if (result.by_rounding) return judge_rounding(result, prepared, subject, got, is_twin);
  compare_with_every_order(result, prepared, declared, got);
  const bool is_transform =
      algorithm != nullptr && algorithm != c.family->algorithms.data() && !is_integer_type(c.dtype);
  if (result.verdict != Verdict::wrong || result.compared == 0 || !is_transform) return;
  result.by_rounding = true;
  judge_by_bound(result, prepared, subject, got, is_twin);
}

}  // namespace refloop
