// The smallest case that still fails: settings are lowered one at a time for as long as the verdict stays.
#include <algorithm>
#include <iterator>

#include "check/diagnosis.h"
#include "check/kinds.h"

namespace refloop {
namespace {

constexpr int most_attempts = 400;

/// What shrinking lowers: all settings added up, and what makes data hard to read.
Index weight_of(const Case& c) {
  constexpr Index data_weight[] = {1, 2, 4, 5, 0};  // coded data are the easiest to read, then integers
  static_assert(std::size(data_weight) == std::size(data_terms));
  Index settings = data_weight[static_cast<std::size_t>(c.data)];
  for (const Field& field : c.family->fields) settings += field.kind->weight(field, c);
  return 10 * settings + static_cast<Index>(c.layout) + static_cast<Index>(std::min<std::uint64_t>(c.seed, 1000));
}

/// Cases one step smaller.
std::vector<Case> smaller_cases(const Case& c) {
  std::vector<Case> found;
  const auto keep = [&](Case candidate) {
    candidate.family->settle(candidate);
    try {
      candidate.family->legal(candidate);
    } catch (const Error&) {
      return;
    }
    if (weight_of(candidate) < weight_of(c)) found.push_back(candidate);
  };
  for (const Data data : {Data::coded, Data::integer}) keep(with(c, &Case::data, data));
  keep(with(c, &Case::layout, Layout::dense));
  for (const Field& field : c.family->fields) field.kind->lower(field, c, keep);
  for (const std::uint64_t seed : {0, 1}) keep(with(c, &Case::seed, seed));
  return found;
}

}  // namespace

Case shrink(const Case& failing, Verdict verdict, const Subject& subject) {
  Case smallest = failing;
  int attempts = 0;
  for (bool progress = true; progress;) {
    progress = false;
    for (const Case& candidate : smaller_cases(smallest)) {
      if (++attempts > most_attempts) break;
      if (judge(candidate, subject).verdict != verdict) continue;
      smallest = candidate;
      progress = true;
      break;
    }
  }
  return smallest;
}

}  // namespace refloop
