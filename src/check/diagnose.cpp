// What a failure tells beyond its numbers: the smallest case that still fails, and the known mistake it looks like.
#include <algorithm>

#include "check/tensors.h"
#include "refloop/check.h"

namespace refloop {
namespace {

constexpr int most_attempts = 400;

/// What shrinking lowers: all settings added up, and what makes data hard to read.
Index weight_of(const Case& c) {
  Index weight = static_cast<Index>(c.layout) + static_cast<Index>(std::min<std::uint64_t>(c.seed, 1000));
  constexpr Index data_weight[] = {1, 2, 4, 5, 0};  // coded data are the easiest to read, then integers
  weight += 10 * data_weight[static_cast<std::size_t>(c.data)];
  for (const Field& field : c.family->fields) {
    if (const auto* index = std::get_if<Index Case::*>(&field.at)) weight += 10 * c.**index;
    if (const auto* flag = std::get_if<bool Case::*>(&field.at)) weight += c.**flag ? 10 : 0;
    if (const auto* axes = std::get_if<Axes Case::*>(&field.at)) {
      for (int axis = 0; axis < c.dims; ++axis) weight += 10 * (c.**axes)[static_cast<std::size_t>(axis)];
    }
  }
  return weight;
}

/// Calls `keep` with smaller values of a number: its least, its half, one less.
template <class Keep>
void lower(Index value, Index least, Keep&& keep) {
  for (const Index smaller : {least, value / 2, value - 1}) {
    if (smaller >= least && smaller < value) keep(smaller);
  }
}

/// Cases one step smaller.
std::vector<Case> smaller_cases(const Case& c) {
  std::vector<Case> found;
  const auto add = [&](Case candidate) {
    candidate.family->settle(candidate);
    try {
      candidate.family->check(candidate);
    } catch (const Error&) {
      return;
    }
    if (weight_of(candidate) < weight_of(c)) found.push_back(candidate);
  };
  const auto with = [&](auto member, auto value) {
    Case candidate = c;
    candidate.*member = value;
    add(candidate);
  };
  for (const Data data : {Data::coded, Data::integer}) with(&Case::data, data);
  with(&Case::layout, Layout::dense);
  for (const Field& field : c.family->fields) {
    if (const auto* index = std::get_if<Index Case::*>(&field.at)) {
      lower(c.**index, field.least, [&](Index value) { with(*index, value); });
    } else if (const auto* flag = std::get_if<bool Case::*>(&field.at)) {
      with(*flag, false);
    } else if (const auto* axes = std::get_if<Axes Case::*>(&field.at)) {
      for (std::size_t axis = 0; axis < static_cast<std::size_t>(c.dims); ++axis) {
        lower((c.**axes)[axis], field.least, [&](Index value) {
          Axes changed = c.**axes;
          changed[axis] = value;
          with(*axes, changed);
        });
      }
    }
  }
  for (const std::uint64_t seed : {0, 1}) with(&Case::seed, seed);
  return found;
}

bool reproduces(const Mistake& mistake, const Case& c, const Subject& subject) {
  const Subject wrong = wrong_kernel(*c.family, mistake, subject.order);
  const Result theirs = judge(c, subject);
  const Result ours = judge(c, wrong);
  return ours.verdict == Verdict::wrong && theirs.verdict == Verdict::wrong && ours.bits == theirs.bits;
}

}  // namespace

void diagnose(Result& failure, const Subject& subject) {
  Case smallest = failure.subject_case;
  int attempts = 0;
  for (bool progress = true; progress;) {
    progress = false;
    for (const Case& candidate : smaller_cases(smallest)) {
      if (++attempts > most_attempts) break;
      if (judge(candidate, subject).verdict != failure.verdict) continue;
      smallest = candidate;
      progress = true;
      break;
    }
  }
  failure.smallest = to_text(smallest);
  if (failure.verdict != Verdict::wrong || !failure.first) return;
  for (const Mistake& mistake : failure.subject_case.family->mistakes) {
    // The case that failed can tell mistakes apart which look alike on the smallest one.
    if (!reproduces(mistake, failure.subject_case, subject)) continue;
    failure.looks_like = mistake.name;
    return;
  }
}

}  // namespace refloop
