#include "check/bound.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "check/dispatch.h"
#include "check/tensors.h"

namespace refloop {
namespace {

constexpr double unknown = std::numeric_limits<double>::infinity();

/// A sum of doubles with its rounding errors kept: as good as exact. Source: Knuth, TAOCP 2, 4.2.2 (TwoSum); Dekker
/// 1971.
class Compensated {
 public:
  void add_product(double weight, double value) {
    const double product = weight * value;
    add(product);
    low_ += std::fma(weight, value, -product);
  }
  void add(double term) {
    const double sum = high_ + term, part = sum - high_;
    low_ += (high_ - (sum - part)) + (term - part);
    high_ = sum;
  }
  double high() const { return high_; }
  double low() const { return low_; }

 private:
  double high_ = 0, low_ = 0;
};

/// What is due where a term is not finite. Padding times an infinite weight is NaN to whom it is a product at all.
Margin margin_of_special(const Terms& terms, double large) {
  double special = std::isfinite(terms.start) ? 0 : terms.start, finite = 0;
  for (std::size_t at = 0; at < terms.values.size(); ++at) {
    const double weight = terms.weights[at], value = terms.values[at];
    if (std::isfinite(weight) && std::isfinite(value)) {
      finite += std::abs(weight * value);
    } else if (value == 0) {
      return {.radius = unknown};
    } else {
      special += weight * value;
    }
  }
  const bool may_overflow = finite >= large / 2;
  return {.exact = special, .radius = may_overflow ? unknown : 0};
}

/// How often an average that is taken axis by axis may round, of so many terms that are not zero.
double axis_steps(std::span<const Index> window, double terms) {
  auto steps = static_cast<double>(window.size());
  for (const Index size : window) steps += std::min(static_cast<double>(size), terms);
  return steps;
}

bool is_same(double one, double other) {
  return one == other || (std::isnan(one) && std::isnan(other));
}

}  // namespace

const Arithmetic& arithmetic_of(DType dtype) {
  return arithmetics[dtype == DType::f64 ? 0 : 1];
}

Margin margin_of(const Terms& terms, DType dtype, const Declared& declared, std::span<const Index> window) {
  const Arithmetic& elements = arithmetic_of(dtype);
  const Arithmetic sums = arithmetic_of(dtype, declared);
  Compensated exact;
  exact.add(terms.start);
  double magnitude = 0, flushed = 0, operands = 0, operand = 0;
  double rounding = terms.start != 0 ? 1 : 0;  // N
  const auto is_subnormal = [&](double number) { return number != 0 && std::abs(number) < elements.normal; };
  for (std::size_t at = 0; at < terms.values.size(); ++at) {
    const double weight = terms.weights[at], value = terms.values[at], product = std::abs(weight * value);
    exact.add_product(weight, value);
    magnitude += product;
    operand = std::max({operand, std::abs(weight), std::abs(value)});
    const bool is_zero = weight == 0 || value == 0;
    rounding += is_zero ? 0 : 1;
    if (!is_zero) operands += std::max(std::abs(weight), sums.normal) * std::max(std::abs(value), sums.normal);
    if (is_subnormal(weight) || is_subnormal(value)) flushed += product;
  }
  const double both = 2 * sums.unit_of_inputs + sums.unit_of_inputs * sums.unit_of_inputs, inputs = both * operands;
  magnitude += inputs + std::abs(terms.start);
  if (!std::isfinite(magnitude)) return margin_of_special(terms, sums.large);

  const auto divisor = static_cast<double>(terms.divisor);
  // A product in long double is rounded twice; a compensated sum of two runs on over zeros.
  double steps = rounding == 1 || rounding == 2 ? rounding + 1 : rounding;
  if (terms.is_average) steps = std::max(rounding + 1, axis_steps(window, rounding));
  if (terms.is_average && divisor > 1 / sums.unit) steps += 1;
  const double quotient = exact.high() / divisor;
  const double rest = (std::fma(-quotient, divisor, exact.high()) + exact.low()) / divisor;
  const bool may_overflow = std::max(magnitude, sums.unit_of_inputs > 0 ? operand : 0) >= sums.large / 2;
  if (steps * sums.unit >= 1 || may_overflow) return {quotient, rest, unknown};

  const double growth = steps * sums.unit / (1 - steps * sums.unit);
  const double losses = terms.is_average ? steps / 2 : static_cast<double>(terms.values.size()) / 2;
  double underflow = losses * sums.tiny * (1 + growth);
  if (declared.flushes_subnormals) {
    underflow = 2 * (steps + 1) * std::max(sums.normal, elements.normal) * (1 + growth) + flushed / divisor;
    if (is_subnormal(terms.start)) underflow += std::abs(terms.start) / divisor;
  }
  // What this computation rounds itself: the exact sum is off by less than 2^-96 of the magnitude, and by the errors of
  // products that underflow in double; the last factor is for the radius.
  const double own =
      magnitude * 0x1p-96 + static_cast<double>(terms.values.size()) * std::numeric_limits<double>::denorm_min();
  double radius = (growth * magnitude + inputs + own) / divisor + underflow;
  if (sums.name != elements.name) radius += elements.unit * (std::abs(quotient) + radius) + elements.tiny / 2;
  return {quotient, rest, radius * (1 + 1e-9)};
}

double share_used(const Margin& margin, double value) {
  // A tile may make a NaN of an infinity, but no number of either.
  if (margin.radius == unknown) return std::isfinite(margin.exact) || !std::isfinite(value) ? 0 : unknown;
  if (std::isnan(margin.exact)) return std::isnan(value) ? 0 : unknown;
  if (!std::isfinite(margin.exact)) return value == margin.exact ? 0 : unknown;
  const double distance = std::abs((value - margin.exact) - margin.rest);
  if (distance == 0) return 0;
  return std::isfinite(distance) ? distance / margin.radius : unknown;
}

Margins margins_of_sums(const Case& c, const Declared& declared, Tensors in) {
  Margins margins(1);
  c.family->nests[0].each(c, in, [&](const Terms& terms) {
    margins[0].push_back(margin_of(terms, c.dtype, declared, first_axes(c.kernel, c.dims)));
  });
  return margins;
}

bool is_exact(const Case& c, const Declared& declared, Tensors in) {
  if (!c.family->all_orders_agree(c)) return false;
  const Arithmetic& elements = arithmetic_of(c.dtype);
  const bool is_narrower = declared.arithmetic != nullptr && (declared.arithmetic->unit > elements.unit ||
                                                              declared.arithmetic->unit_of_inputs > elements.unit);
  if (!is_narrower || is_integer_type(c.dtype)) return true;
  if (c.family->nests.empty()) return c.family->algorithms.empty();
  if (c.data == Data::special) return false;
  const Arithmetic& sums = *declared.arithmetic;
  const double most_input = 0.5 / std::max(sums.unit, sums.unit_of_inputs), most_sum = 1 / sums.unit;
  bool exact = true;
  c.family->nests[0].each(c, in, [&](const Terms& terms) {
    double magnitude = std::abs(terms.start);
    for (std::size_t at = 0; at < terms.values.size(); ++at) {
      const double weight = std::abs(terms.weights[at]), value = std::abs(terms.values[at]);
      exact = exact && weight <= most_input && value <= most_input;
      magnitude += weight * value;
    }
    exact = exact && magnitude <= most_sum;
  });
  return exact;
}

Share share_of(const Margins& margins, Tensors outputs, Tensors due) {
  Share share;
  for (std::size_t number = 0; number < margins.size(); ++number) {
    const AnyTensor& output = outputs[number];
    const std::vector<double> known = due.empty() ? std::vector<double>() : elements_of(due[number]);
    dispatch(Types<double, float>{}, output.dtype, [&]<class T>() {
      const T* const elements = static_cast<const T*>(output.data);
      Index flat = 0;
      for_each_offset(output, [&](Index offset) {
        const Margin& margin = margins[number][static_cast<std::size_t>(flat)];
        const auto value = static_cast<double>(elements[offset]);
        const double used = share_used(margin, value);
        const bool is_due = !known.empty() && is_same(known[static_cast<std::size_t>(flat)], value);
        share.unknown += margin.radius == unknown && !is_due ? 1 : 0;
        share.used = std::max(share.used, used);
        if (used > 1 && share.outside++ == 0) {
          share.output = number;
          share.first = position_in(output.shape, flat);
        }
        ++flat;
      });
    });
  }
  return share;
}

}  // namespace refloop
