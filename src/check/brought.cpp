#include "check/brought.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "check/differences.h"
#include "check/dispatch.h"
#include "check/judging.h"
#include "check/legal.h"
#include "check/orders.h"
#include "check/tensors.h"
#include "check/ways.h"

namespace refloop {
namespace {

/// Of which power of two the number is an odd multiple.
int lowest_bit(double number) {
  int exponent = 0;
  const auto whole = static_cast<std::uint64_t>(std::ldexp(std::frexp(std::abs(number), &exponent), 53));
  return exponent - 53 + std::countr_zero(whole);
}

/// Whether every partial sum in every order is a number of the type: all are multiples of one power of two, and so few
/// of it that the significand counts them.
bool is_exact_in_any_order(const Terms& terms, const Arithmetic& sums) {
  if (terms.is_average || !std::isfinite(terms.start)) return false;
  constexpr int most = 4096;
  int grid = terms.start == 0 ? most : lowest_bit(terms.start);
  double magnitude = std::abs(terms.start);
  for (std::size_t at = 0; at < terms.values.size(); ++at) {
    const double weight = terms.weights[at], value = terms.values[at];
    if (!std::isfinite(weight) || !std::isfinite(value)) return false;
    if (weight == 0 || value == 0) continue;
    grid = std::min(grid, lowest_bit(weight) + lowest_bit(value));
    magnitude += std::abs(weight * value);
  }
  constexpr double own_rounding = 1 + 1e-9;
  return grid == most ||
         (std::ldexp(1, grid) >= sums.tiny && magnitude * own_rounding <= std::ldexp(1 / sums.unit, grid));
}

/// The margins, of which those are narrowed that round in no order; and in how many a missing term would be seen.
Margins narrowed(const Case& c, const Declared& declared, Tensors in, std::optional<Index>& telling) {
  Margins margins = margins_of(c, declared, in);
  if (c.family->nests.empty()) return margins;
  const Arithmetic sums = arithmetic_of(c, declared);
  const bool is_plain = algorithm_of(c, declared) == c.family->algorithms.data() && sums.unit_of_inputs == 0 &&
                        !declared.flushes_subnormals && sums.unit <= arithmetic_of(c.dtype).unit;
  std::size_t at = 0;
  telling = 0;
  c.family->nests[0].each(c, in, [&](const Terms& terms) {
    Margin& margin = margins[0][at++];
    if (is_plain && std::isfinite(margin.radius) && is_exact_in_any_order(terms, arithmetic_of(c.dtype)))
      margin.radius = 0;
    double magnitude = 0;
    Index count = 0;
    for (std::size_t term = 0; term < terms.values.size(); ++term) {
      const double product = std::abs(terms.weights[term] * terms.values[term]);
      magnitude += product;
      count += product != 0 ? 1 : 0;
    }
    *telling += magnitude > margin.radius * static_cast<double>(count * terms.divisor) ? 1 : 0;
  });
  return margins;
}

/// Of the numbers of the type around the exact value that which is nearest.
template <class T>
T rounded(const Margin& margin) {
  const auto distance = [&](T candidate) {
    return std::abs((static_cast<double>(candidate) - margin.exact) - margin.rest);
  };
  T nearest = static_cast<T>(margin.exact + margin.rest);
  for (const T limit : {-std::numeric_limits<T>::infinity(), std::numeric_limits<T>::infinity()}) {
    const T next = std::nextafter(nearest, limit);
    if (std::isfinite(next) && distance(next) < distance(nearest)) nearest = next;
  }
  return nearest;
}

/// What lies between the number and the next larger one.
template <class T>
double last_place(T number) {
  const T size = std::min(std::abs(number), std::nextafter(std::numeric_limits<T>::max(), T{0}));
  return static_cast<double>(std::nextafter(size, std::numeric_limits<T>::infinity())) - static_cast<double>(size);
}

Nearness nearness_of(const Margins& margins, Tensors got) {
  Nearness nearness;
  double sum = 0;
  for (std::size_t number = 0; number < got.size(); ++number) {
    dispatch(Types<double, float>{}, got[number].dtype, [&]<class T>() {
      const T* const elements = static_cast<const T*>(got[number].data);
      std::size_t at = 0;
      for_each_offset(got[number], [&](Index offset) {
        const Margin& margin = margins[number][at++];
        const auto value = static_cast<double>(elements[offset]);
        if (!std::isfinite(margin.exact) || !std::isfinite(margin.radius) || !std::isfinite(value)) return;
        const T nearest = rounded<T>(margin);
        const double distance = std::abs((value - margin.exact) - margin.rest);
        ++nearness.elements;
        nearness.not_nearest += elements[offset] != nearest ? 1 : 0;
        sum += distance;
        nearness.most = std::max(nearness.most, distance);
        nearness.most_ulps = std::max(nearness.most_ulps, distance / last_place(nearest));
      });
    });
  }
  nearness.mean = sum / static_cast<double>(std::max<Index>(nearness.elements, 1));
  return nearness;
}

/// Whether the window of the output at `flat` reads the input element with that index in its plane.
bool is_in_window(const Case& c, const AnyTensor& output, Index flat, Index index) {
  for (auto axis = static_cast<std::size_t>(c.dims); axis-- > 0;) {
    const Index out = flat % output.shape[axis + 2], in = index % c.input[axis];
    flat /= output.shape[axis + 2];
    index /= c.input[axis];
    const Index behind = in - (out * c.stride[axis] - c.before[axis]);
    if (behind < 0 || behind % c.dilation[axis] != 0 || behind / c.dilation[axis] >= c.kernel[axis]) return false;
  }
  return index == 0;
}

/// Indices where the extreme is a NaN or a zero: which of them, or of which sign, is nobody's promise. Replaced by what
/// is due where they lead to such an element of the window.
void pardon_indices(Result& result, const AnyTensor& input, Tensors expected, AnyTensor& is) {
  const Case& c = result.subject_case;
  const AnyTensor& due = *find(expected, "indices");
  auto* const indices = static_cast<std::int64_t*>(is.data);
  const auto* const right = static_cast<const std::int64_t*>(due.data);
  const Index plane = volume(std::span(input.shape).subspan(2)), out_plane = volume(std::span(due.shape).subspan(2));
  const auto is_nothing = [](double value) { return value == 0 || std::isnan(value); };
  dispatch(input.dtype, [&]<class T>() {
    const T* const values = static_cast<const T*>(input.data);
    for (Index at = 0; at < due.size(); ++at) {
      if (indices[at] == right[at] || right[at] < 0 || indices[at] < 0 || indices[at] >= plane) continue;
      const T* const of_plane = values + at / out_plane * plane;
      const auto extreme = static_cast<double>(of_plane[right[at]]), taken = static_cast<double>(of_plane[indices[at]]);
      const bool alike = is_nothing(extreme) && is_nothing(taken) && std::isnan(extreme) == std::isnan(taken);
      if (!alike || !is_in_window(c, due, at % out_plane, indices[at])) continue;
      indices[at] = right[at];
      ++result.forgiven[std::string(std::isnan(extreme) ? difference::payload_of_a_nan : difference::sign_of_a_zero)];
    }
  });
}

/// The same tensors, with what lies within its margin replaced by what is due: what is left differs. All of it, where
/// nothing else than equal bits count.
std::vector<AnyTensor> only_outside(const Margins& margins, Tensors due, Tensors got, bool all) {
  std::vector<AnyTensor> left;
  for (std::size_t number = 0; number < got.size(); ++number) {
    left.push_back(dense_copy(got[number]));
    dispatch(Types<double, float>{}, got[number].dtype, [&]<class T>() {
      T* const elements = static_cast<T*>(left.back().data);
      const T* const expected = static_cast<const T*>(due[number].data);
      for (std::size_t at = 0; at < margins[number].size(); ++at) {
        const bool is_within = share_used(margins[number][at], static_cast<double>(elements[at])) <= 1;
        if (is_within && !all) elements[at] = expected[at];
      }
    });
  }
  return left;
}

/// The product that a sum lacks, or has twice, in every element that lies beyond its bound: `without the product of c2
/// kh1 kw1`. Empty where it is not one and the same.
std::string one_product_off(Prepared& prepared, const Margins& margins, const AnyTensor& got) {
  const Case& c = prepared.subject_case();
  if (c.family->nests.empty()) return {};
  const std::vector<TermAxis> axes = c.family->term_axes(c);
  const auto count = std::accumulate(
      axes.begin(), axes.end(), std::size_t{1},
      [](std::size_t product, const TermAxis& axis) { return product * static_cast<std::size_t>(axis.size); });
  std::vector<bool> lacks(count, true), has_twice(count, true);
  const std::vector<double> values = elements_of(got);
  std::size_t at = 0;
  c.family->nests[0].each(c, prepared.inputs(), [&](const Terms& terms) {
    const Margin& margin = margins[0][at];
    const double value = values[at++];
    if (share_used(margin, value) <= 1) return;
    for (std::size_t term = 0; term < count; ++term) {
      const bool is_there = term < terms.values.size();
      const double product =
          is_there ? terms.weights[term] * terms.values[term] / static_cast<double>(terms.divisor) : 0;
      const auto explains = [&](double off) {
        return share_used({margin.exact + off, margin.rest, margin.radius}, value) <= 1;
      };
      lacks[term] = lacks[term] && is_there && explains(-product);
      has_twice[term] = has_twice[term] && is_there && explains(product);
    }
  });
  for (const auto& [which, words] :
       {std::pair(&lacks, "without the product of"), std::pair(&has_twice, "twice with the product of")}) {
    if (std::count(which->begin(), which->end(), true) != 1) continue;
    auto rest = std::find(which->begin(), which->end(), true) - which->begin();
    std::vector<std::string> place(axes.size());
    for (std::size_t axis = axes.size(); axis-- > 0; rest /= axes[axis].size)
      place[axis] = fmt::format("{}{}", axes[axis].name, rest % axes[axis].size);
    return fmt::format("{} {}", words, fmt::join(place, " "));
  }
  return {};
}

/// The verdict where nothing rounds: whole numbers, largest and smallest values.
void judge_values(Brought& told, Prepared& prepared, const Declared& declared, Tensors due, Tensors got) {
  constexpr Compare forgiving{.payloads = false, .zero_signs = false};
  Result& result = told.result;
  const Result unjudged = result;
  compare_outputs(result, due, got, declared.exact_only ? every_bit(prepared.subject_case()) : forgiving);
  if (result.differing == 0 || declared.exact_only) return;
  result = unjudged;
  std::vector<AnyTensor> mended = pardoned(result, prepared, declared, due, got);
  if (AnyTensor* const indices = find(mended, "indices")) pardon_indices(result, prepared.inputs()[0], due, *indices);
  compare_outputs(result, due, mended, forgiving);
}

/// The verdict of orders known by name, and of the rounding bound.
void judge_sums(Brought& told, Prepared& prepared, const Declared& declared, Tensors due, Tensors got) {
  Result& result = told.result;
  const Case& c = prepared.subject_case();
  const Algorithm& algorithm = *algorithm_of(c, declared);
  const Margins margins = narrowed(c, declared, prepared.inputs(), told.telling);
  told.nearness = nearness_of(margins, got);
  const std::vector<AnyTensor> mended =
      declared.exact_only ? std::vector(got.begin(), got.end()) : pardoned(result, prepared, declared, due, got);
  const Share share = share_of(margins, mended, due);
  told.unknown = share.unknown;
  result.bound_used = share.used;
  if (const auto orders = orders_giving(prepared, got, std::nullopt, declared.exact_only); !orders.empty()) {
    result.verdict = Verdict::exact;
    result.order = orders[0];
    return;
  }
  result.algorithm = algorithm.name;
  if (share.outside > 0 || declared.exact_only) {
    compare_outputs(result, due, only_outside(margins, due, mended, declared.exact_only), every_bit(c));
    result.verdict = Verdict::wrong;
  }
  const std::string bound = bound_name(c, algorithm);
  if (share.outside > 0) {
    result.reason = fmt::format("{} of {} elements lie beyond {}{}", share.outside, result.compared, bound,
                                times_the_bound(share.used));
    told.missing = one_product_off(prepared, margins, got[0]);
    told.first = margins[share.output][static_cast<std::size_t>(offset_of(due[share.output], share.first))];
  } else if (declared.exact_only) {
    result.reason = fmt::format("within {}, but no order of summation that is known gives these bits", bound);
  } else {
    const bool is_any_known = share.unknown < std::accumulate(
                                                  got.begin(), got.end(), Index{0},
                                                  [](Index sum, const AnyTensor& one) { return sum + one.size(); });
    result.verdict = is_any_known ? Verdict::bounded : Verdict::skipped;
  }
}

}  // namespace

Brought judge_brought(Prepared& prepared, const Declared& declared, const std::string& name, Tensors got) {
  const Case& c = prepared.subject_case();
  Brought told;
  told.result.subject_case = c;
  told.result.subject = name;
  const Tensors due = prepared.expected(*contract(c));
  if (!are_readable(due, got)) {
    compare_outputs(told.result, due, got, in_any_order(c));
    told.result.verdict = Verdict::wrong;
    return told;
  }
  const bool rounds = !c.family->algorithms.empty() && !is_integer_type(c.dtype);
  (rounds ? judge_sums : judge_values)(told, prepared, declared, due, got);
  if (passes(told.result.verdict) && tells_little(due[0])) {
    told.result.verdict = Verdict::weak;
    told.result.reason = "nearly all outputs are zero or NaN, so a broken kernel could have given them";
  }
  return told;
}

void explain_brought(Brought& told, Prepared& prepared, const Declared& declared, Tensors got) {
  const Case& c = prepared.subject_case();
  constexpr Index most_work = Index{1} << 26;
  const bool has_bits = are_readable(prepared.expected(*contract(c)), got);
  if (told.result.verdict != Verdict::wrong || !has_bits || c.family->work(c) > most_work) return;
  const std::uint64_t bits = digest(got);
  for (const Way& mistake : c.family->mistakes) {
    const bool gives = std::any_of(c.family->orders.begin(), c.family->orders.end(), [&](const Way& order) {
      return digest(outputs_of(mistake, c, order, prepared.inputs())) == bits;
    });
    if (gives) {
      told.result.explained_by.emplace_back(mistake.name);
      continue;
    }
    if (mistake.edit == nullptr || c.family->algorithms.empty() || is_integer_type(c.dtype)) continue;
    Case edited = c;
    std::vector<AnyTensor> seen(prepared.inputs().begin(), prepared.inputs().end());
    mistake.edit(edited, seen);
    const Margins margins = margins_of(edited, declared, seen);
    const bool fits = std::equal(margins.begin(), margins.end(), got.begin(), got.end(),
                                 [](const auto& one, auto& is) { return static_cast<Index>(one.size()) == is.size(); });
    if (!fits) continue;
    const Share share = share_of(margins, got);
    if (share.outside == 0 && share.unknown == 0) told.alike.emplace_back(mistake.name);
  }
  if (const Algorithm* const fits = undeclared_algorithm(prepared, declared, got)) {
    told.result.declare = fmt::format("within what {} may lose: declare it with {}", fits->says, fits->declare);
  }
}

}  // namespace refloop
