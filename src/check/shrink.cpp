// The smallest case that still fails: settings are lowered one at a time for as long as the verdict stays.
#include <algorithm>
#include <iterator>
#include <set>

#include "check/common_fields.h"
#include "check/diagnosis.h"

namespace refloop {
namespace {

constexpr std::size_t most_judged = 400;

/// What shrinking lowers: all settings added up, and what makes data hard to read.
Index weight_of(const Case& c) {
  constexpr Index data_weight[] = {1, 2, 4, 5, 0};  // coded data are the easiest to read, then integers
  static_assert(std::size(data_weight) == std::size(data_terms));
  Index weight = 1000 * c.dims + 10 * data_weight[static_cast<std::size_t>(c.data)];
  for (const Field& field : c.family->fields) weight += 10 * field.kind->weight(field, c);
  for (const Field& field : common_fields) weight += field.kind->weight(field, c);
  return weight;
}

/// The case with its axes from `from` on: the last ones, as a plane's rows are its last axis.
Case with_fewer_axes(const Case& c, int dims) {
  Case fewer = c;
  const auto from = static_cast<std::size_t>(c.dims - dims);
  const Case plain;
  for (const auto at : {&Case::input, &Case::kernel, &Case::stride, &Case::before, &Case::after, &Case::dilation}) {
    fewer.*at = plain.*at;
    std::copy_n((c.*at).begin() + static_cast<std::ptrdiff_t>(from), dims, (fewer.*at).begin());
  }
  fewer.dims = dims;
  return fewer;
}

/// Cases one step smaller.
std::vector<Case> smaller_cases(const Case& c) {
  std::vector<Case> found;
  const auto keep = [&](Case candidate) {
    candidate.family->settle(candidate);
    const bool shows_less = candidate.batch == 0 && c.batch > 0;  // an empty output has nothing to look at
    if (!shows_less && weight_of(candidate) < weight_of(c) && is_legal(candidate)) found.push_back(candidate);
  };
  for (int dims = 1; dims < c.dims; ++dims) keep(with_fewer_axes(c, dims));
  for (const Data data : {Data::coded, Data::integer}) keep(with(c, &Case::data, data));
  for_each_field(*c.family, [&](const Field& field) { field.kind->lower(field, c, keep); });
  return found;
}

}  // namespace

Case shrink(const Case& failing, Verdict verdict, const Subject& subject) {
  // Half a kernel on the same input may be many times the work.
  const Index most_work = std::max<Index>(failing.family->work(failing), 100'000);
  Case smallest = failing;
  std::set<std::string> judged;  // steps down lead to the same case by many ways
  for (bool progress = true; progress;) {
    progress = false;
    for (const Case& candidate : smaller_cases(smallest)) {
      if (judged.size() >= most_judged) return smallest;
      if (candidate.family->work(candidate) > most_work) continue;
      if (!judged.insert(to_text(candidate)).second || judge(candidate, subject).verdict != verdict) continue;
      smallest = candidate;
      progress = true;
      break;
    }
  }
  return smallest;
}

}  // namespace refloop
