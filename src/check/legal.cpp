#include "check/legal.h"

#include <cmath>
#include <cstring>

#include "check/bound.h"
#include "check/dispatch.h"
#include "check/tensors.h"
#include "check/terms.h"

namespace refloop {
namespace {

/// The sum as a kernel has it that skips what the padding would add.
double sum_without_padding(const Terms& terms) {
  double sum = terms.start;
  for (std::size_t at = 0; at < terms.values.size(); ++at) {
    if (terms.values[at] != 0) sum += terms.weights[at] * terms.values[at];
  }
  return sum;
}

double magnitude_of(const Terms& terms) {
  double sum = std::abs(terms.start);
  for (std::size_t at = 0; at < terms.values.size(); ++at) sum += std::abs(terms.weights[at] * terms.values[at]);
  return sum;
}

/// By which row of the table a sum may be `is` where `due` is due.
template <class T>
std::string_view legal_sum(const Case& c, const Declared& declared, const Terms& terms, T due, T is) {
  const bool padded_infinity = std::isnan(due) && static_cast<T>(sum_without_padding(terms)) == is;
  if (padded_infinity) return difference::padding_times_infinity;
  if (std::isinf(due) && std::isnan(is)) return difference::infinity_made_nan;
  const Arithmetic sums = arithmetic_of(c, declared);
  const double magnitude = magnitude_of(terms);
  const bool grows = std::isfinite(magnitude) && magnitude >= sums.large;
  const bool overflows = std::isinf(is) && std::signbit(is) == std::signbit(due),
             saves = std::isinf(due) && std::isfinite(is);
  if (grows && (overflows || saves)) return difference::overflow;
  if (!declared.flushes_subnormals) return {};
  const Margin margin = margin_of(terms, c.dtype, declared);
  const double distance = std::abs(static_cast<double>(is) - margin.exact);
  return distance <= margin.radius && std::isfinite(distance) ? difference::flushed_subnormals : std::string_view();
}

/// Replaces elements of `is` by those of `due` where `reason(number, due, is)` names a row of the table.
template <class T, class Reason>
void pardon(Result& result, const AnyTensor& due, AnyTensor& is, Reason&& reason) {
  T* const elements = static_cast<T*>(is.data);
  const T* const expected = static_cast<const T*>(due.data);
  Index number = 0;
  for_each_offset(due, is.strides, [&](Index from, Index to) {
    const std::string_view name = reason(number++, expected[from], elements[to]);
    if (name.empty()) return;
    elements[to] = expected[from];
    ++result.forgiven[std::string(name)];
  });
}

template <class T>
bool same(T one, T other) {
  return one == other || (one != one && other != other);
}

void pardon_sums(Result& result, Prepared& prepared, const Declared& declared, const AnyTensor& due, AnyTensor& is) {
  const Case& c = prepared.subject_case();
  dispatch(Types<double, float>{}, c.dtype, [&]<class T>() {
    std::vector<T> expected, got;
    for_each_offset(due, is.strides, [&](Index from, Index to) {
      expected.push_back(static_cast<const T*>(due.data)[from]);
      got.push_back(static_cast<const T*>(is.data)[to]);
    });
    std::vector<std::string_view> reasons;
    c.family->nests[0].each(c, prepared.inputs(), [&](const Terms& terms) {
      const std::size_t at = reasons.size();
      reasons.push_back(same(expected[at], got[at]) ? std::string_view()
                                                    : legal_sum(c, declared, terms, expected[at], got[at]));
    });
    pardon<T>(result, due, is, [&](Index number, T, T) { return reasons[static_cast<std::size_t>(number)]; });
  });
}

}  // namespace

std::vector<AnyTensor> pardoned(Result& result, Prepared& prepared, const Declared& declared, Tensors expected,
                                Tensors got) {
  const Case& c = prepared.subject_case();
  std::vector<AnyTensor> outputs;
  for (const AnyTensor& output : got) outputs.push_back(dense_copy(output));
  if (c.family->undetermined != nullptr) {
    for (std::size_t number = 0; number < outputs.size(); ++number) {
      const std::vector<bool> any = c.family->undetermined(c, expected[number]);
      if (any.empty()) continue;
      dispatch(expected[number].dtype, [&]<class T>() {
        pardon<T>(result, expected[number], outputs[number], [&](Index at, T due, T is) {
          return any[static_cast<std::size_t>(at)] && !same(due, is) ? difference::index_of_nothing
                                                                     : std::string_view();
        });
      });
    }
  }
  if (c.data == Data::special && !is_integer_type(c.dtype) && !c.family->nests.empty())
    pardon_sums(result, prepared, declared, expected[0], outputs[0]);
  return outputs;
}

}  // namespace refloop
