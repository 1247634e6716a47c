// The smallest case that still fails: settings are lowered one at a time for as long as the verdict stays.
#include <algorithm>
#include <iterator>
#include <set>

#include "check/common_fields.h"
#include "check/diagnosis.h"

namespace refloop {
namespace {

constexpr std::size_t most_judged = 600;

/// What shrinking lowers: all settings added up, and what makes data hard to read.
Index weight_of(const Case& c) {
  constexpr Index data_weight[] = {1, 2, 4, 3, 5, 0};  // coded data are the easiest to read, then integers
  static_assert(std::size(data_weight) == std::size(data_terms));
  Index weight = Index{1000} * c.dims + 10 * data_weight[static_cast<std::size_t>(c.data)];
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

std::vector<Case> settings_lowered(const Case& c) {
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

/// Cases with one product left: of all inputs and weights some, spread evenly. On coded data every product already
/// tells which it is.
std::vector<Case> single_products(const Case& c) {
  constexpr Index most_pairs = 200;
  const std::vector<AnyTensor> inputs = c.family->inputs(c);
  const AnyTensor* const weight = find(inputs, "weight");
  const Index elements = inputs[0].size(), weights = weight == nullptr ? 1 : weight->size();
  std::vector<Case> found;
  if (elements * weights <= 1 || c.only || c.data == Data::coded) return found;
  const Index step = (elements * weights + most_pairs - 1) / most_pairs;
  for (Index pair = 0; pair < elements * weights; pair += step) {
    Only only{.input = pair % elements};
    if (weight != nullptr) only.weight = pair / elements;
    found.push_back(with(c, &Case::only, std::optional(only)));
  }
  return found;
}

class Shrinking {
 public:
  Shrinking(const Case& failing, Verdict verdict, const Subject& subject, const Stop& stop)
      : smallest_(failing),
        verdict_(verdict),
        subject_(subject),
        stop_(stop),
        // Half a kernel on the same input may be many times the work.
        most_work_(std::max<Index>(failing.family->work(failing), 100'000)) {}

  Case run() {
    while (step_to(steps_down(smallest_))) {
    }
    return smallest_;
  }

 private:
  /// Goes to the first of the cases that fails; false where none does.
  bool step_to(const std::vector<Case>& candidates) {
    for (const Case& candidate : candidates) {
      if (judged_.size() >= most_judged || stop_()) return false;
      if (candidate.family->work(candidate) > most_work_) continue;
      if (!judged_.insert(to_text(candidate)).second || judge(candidate, subject_).verdict != verdict_) continue;
      smallest_ = candidate;
      return true;
    }
    return false;
  }

  Case smallest_;
  Verdict verdict_;
  const Subject& subject_;
  const Stop& stop_;
  Index most_work_;
  std::set<std::string> judged_;  // steps down lead to the same case by many ways
};

}  // namespace

std::vector<Case> steps_down(const Case& c) {
  std::vector<Case> steps = settings_lowered(c);
  const std::vector<Case> products = single_products(c);
  steps.insert(steps.end(), products.begin(), products.end());
  return steps;
}

Case shrink(const Case& failing, Verdict verdict, const Subject& subject, const Stop& stop) {
  return Shrinking(failing, verdict, subject, stop).run();
}

}  // namespace refloop
