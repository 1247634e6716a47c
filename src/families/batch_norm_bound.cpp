#include "families/batch_norm_bound.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <optional>

#include "check/bound.h"
#include "check/dispatch.h"
#include "check/tensors.h"
#include "families/batch_norm.h"
#include "families/batch_norm_data.h"
#include "families/case_tools.h"

namespace refloop {
namespace {

/// Of 64 bits or more: near enough to exact for doubles. What it loses itself is counted like a kernel's.
using Real = long double;

constexpr double unknown = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

/// What rounding loses: at a sum, elsewhere, and where a product underflows; the smallest normal number.
struct Units {
  Real sums, rest, lost, normal;
};
constexpr Units own_units{std::numeric_limits<Real>::epsilon() / 2, std::numeric_limits<Real>::epsilon() / 2,
                          std::numeric_limits<Real>::min(), std::numeric_limits<Real>::min()};

/// None where sums are narrower than the elements: they hold neither the values nor their mean.
std::optional<Units> units_of(const Case& c, const Declared& declared) {
  const Arithmetic &elements = arithmetic_of(c.dtype), &sums = arithmetic_of(c, declared);
  if (std::max(sums.unit, sums.unit_of_inputs) > elements.unit) return std::nullopt;
  const double lost = declared.flushes_subnormals ? 2 * elements.normal : elements.tiny;
  return Units{sums.unit, elements.unit, lost, elements.normal};
}

Real g(Real steps, Real unit) {
  return steps * unit < 1 ? steps * unit / (1 - steps * unit) : std::numeric_limits<Real>::infinity();
}

Real square(Real number) {
  return number * number;
}

/// The values of a channel, and of them less the first one.
struct Moments {
  Real mean = 0, size = 0, squares = 0;  // of x, |x|, x^2
};
struct Channel {
  Real count = 0, variance = 0, range = 0;
  Moments plain{}, shifted{};
};

Moments moments_of(const std::vector<double>& values, Real origin) {
  Moments moments;
  for (const double value : values) {
    const Real distance = value - origin;
    moments.mean += distance;
    moments.size += std::abs(distance);
    moments.squares += square(distance);
  }
  const auto count = static_cast<Real>(values.size());
  return {moments.mean / count, moments.size / count, moments.squares / count};
}

Channel channel_of(const std::vector<double>& values) {
  const auto [least, most] = std::minmax_element(values.begin(), values.end());
  Channel channel{.count = static_cast<Real>(values.size()),
                  .variance = 0,
                  .range = static_cast<Real>(*most) - *least,
                  .plain = moments_of(values, 0),
                  .shifted = moments_of(values, values[0])};
  for (const double value : values) channel.variance += square(value - channel.plain.mean) / channel.count;
  return channel;
}

/// How far the mean and the variance may be off.
struct Off {
  Real mean = 0, variance = 0;
};
constexpr Off not_known{std::numeric_limits<Real>::infinity(), std::numeric_limits<Real>::infinity()};

/// A mean that is rounded once more where it is stored narrower than it was summed.
Real stored(const Channel& x, Real off, const Units& u) {
  return off + (u.sums < u.rest ? u.rest : 0) * (std::abs(x.plain.mean) + off);
}
/// The same of a variance, which is divided there too.
Real stored_variance(const Channel& x, Real off, const Units& u) {
  return off + (u.sums < u.rest ? g(3, u.rest) : 0) * (x.variance + off);
}
/// Of squares and their average.
Real lost_of(const Channel& x, Real mean_off, const Units& u) {
  return 4 * u.lost + 2 * u.lost * std::sqrt(x.variance + square(mean_off));
}

Off off_of_two_passes(const Channel& x, const Units& u) {
  const Real narrow = u.sums < u.rest ? g(6, u.rest) : 0;
  const Real mean = stored(x, g(x.count + 3, u.sums) * x.plain.size + u.lost, u);
  const Real around = x.variance + square(mean);
  const Real left = mean + (g(x.count + 4, u.sums) + narrow) * std::sqrt(around);
  const Real growth = (1 + g(x.count + 6, u.sums)) * (1 + narrow) - 1;
  const Real variance = square(left) * (1 + g(4, u.rest)) + growth * around + lost_of(x, mean, u);
  return {mean, variance + g(3, u.rest) * (x.variance + variance)};
}

/// `steps`: roundings of a value before it is summed.
Off off_of_one_pass(const Channel& x, const Moments& moments, Real steps, const Units& u) {
  const Real mean = g(x.count + 3 + steps, u.sums) * moments.size + u.lost;
  const Real most = std::abs(moments.mean) + mean;
  const Real squares = g(x.count + 4 + 2 * steps, u.sums) * moments.squares + 2 * std::abs(moments.mean) * mean +
                       square(mean) + g(3, u.sums) * square(most) + lost_of(x, most, u);
  const Real variance = squares + g(3, u.sums) * (x.variance + squares);
  const Real back = mean + (steps > 0 ? u.sums * (std::abs(x.plain.mean) + mean) : 0);
  return {stored(x, back, u), stored_variance(x, variance, u)};
}

Off off_of_one_pass(const Channel& x, const Units& u) {
  const Off plain = off_of_one_pass(x, x.plain, 0, u), shifted = off_of_one_pass(x, x.shifted, 1, u);
  return {std::max(plain.mean, shifted.mean), std::max(plain.variance, shifted.variance)};
}

Off off_of_welford(const Channel& x, const Units& u) {
  if (x.count * u.sums > Real{0.01}) return not_known;
  const Real levels = std::log2(x.count);
  const Real second_order = 1 + 4 * (x.count + 8 + 4 * levels) * u.sums;
  const Real mean =
      second_order * u.sums * ((x.count + 4 * levels) * x.plain.size + (3 + 4 * levels) * x.range) + x.count * u.lost;
  const Real cross = second_order * (mean * std::sqrt(x.variance) * std::sqrt(Real{4.5} + 8 * levels) +
                                     (1 + 2 * levels) * square(mean));
  const Real variance = cross + g(x.count + 8 + 4 * levels, u.sums) * (x.variance + cross) + lost_of(x, mean, u);
  return {stored(x, mean, u), stored_variance(x, variance, u)};
}

/// What makes outputs of the values of a channel.
struct Line {
  Real mean, variance, eps, weight, bias;

  Real inverse() const { return 1 / std::sqrt(variance + eps); }
  Real output(Real value) const { return (value - mean) * inverse() * weight + bias; }
};

/// What is off in a line.
class LineOff {
 public:
  LineOff(const Line& line, const Off& off, const Units& units) : line_(line), off_(off), u_(units) {
    const Real sum = line.variance + line.eps, slack = off.variance + u_.rest * line.eps + u_.lost;
    const Real least = (sum - slack) * (1 - 2 * u_.rest), most = (sum + slack) * (1 + 2 * u_.rest);
    is_known_ = least > 4 * u_.normal && std::isfinite(most);  // below, the reciprocal overflows
    if (!is_known_) return;
    const Real steepest = 1 / std::sqrt(least);
    inverse_ = line.inverse();
    inverse_off_ = std::max(steepest - inverse_, inverse_ - 1 / std::sqrt(most)) + g(4, u_.rest) * steepest;
  }

  bool is_known() const { return is_known_; }
  Real of(Real value) const {
    if (!is_known_) return not_known.mean;
    const Real weight = std::abs(line_.weight), x = std::abs(value), distance = std::abs(value - line_.mean);
    const Real steepest = inverse_ + inverse_off_, three = g(3, u_.rest);
    const Real centered =
        weight * (distance * (inverse_off_ + three * steepest) + (off_.mean + u_.lost) * steepest * (1 + three));
    const Real scale_off = weight * (inverse_off_ + u_.rest * steepest), scale = weight * inverse_ + scale_off;
    const Real mean = std::abs(line_.mean) + off_.mean;
    const Real folded = distance * scale_off + (off_.mean + u_.lost) * scale +
                        scale * (g(2, u_.rest) * x + three * mean) * (1 + g(2, u_.rest)) +
                        g(1, u_.rest) * std::abs(line_.bias);
    const Real most = std::max(centered, folded);
    const Real underflow = u_.lost * (2 + weight + x + mean);
    return most + g(1, u_.rest) * (std::abs(line_.output(value)) + most) + underflow;
  }

 private:
  const Line& line_;
  Off off_;
  Units u_;
  bool is_known_ = false;
  Real inverse_ = 0, inverse_off_ = 0;
};

Real off_of_running(Real momentum, Real before, Real is, Real off, const Units& u) {
  const Real share = std::abs(momentum);
  return share * off * (1 + g(4, u.rest)) + 2 * u.lost +
         g(4, u.rest) * ((std::abs(1 - momentum) + share) * std::abs(before) + share * (std::abs(is) + off));
}

Margin margin_of(Real exact, Real radius) {
  const auto high = static_cast<double>(exact);
  if (!std::isfinite(exact) || !std::isfinite(radius)) return {.radius = unknown};
  return {high, static_cast<double>(exact - high), static_cast<double>(radius) * (1 + 1e-9)};
}

/// An algorithm for the statistics of a channel: how far they may be off.
using Method = Off (*)(const Channel&, const Units&);

/// The numbers of one channel of each tensor.
std::vector<double> numbers_of(const Case& c, Tensors in, std::string_view name, double otherwise) {
  const AnyTensor* const tensor = find(in, name);
  std::vector<double> numbers(static_cast<std::size_t>(c.channels), otherwise);
  if (tensor == nullptr) return numbers;
  dispatch(Types<double, float>{}, c.dtype, [&]<class T>() {
    const auto values = tensor->view<T, 1>();
    for (Index channel = 0; channel < c.channels; ++channel) {
      numbers[static_cast<std::size_t>(channel)] = static_cast<double>(values(channel));
    }
  });
  return numbers;
}

std::vector<double> values_of(const AnyTensor& input) {
  std::vector<double> values;
  values.reserve(static_cast<std::size_t>(input.size()));
  dispatch(Types<double, float>{}, input.dtype, [&]<class T>() {
    const T* const elements = static_cast<const T*>(input.data);
    for_each_offset(input, [&](Index offset) { values.push_back(static_cast<double>(elements[offset])); });
  });
  return values;
}

class Bounding {
 public:
  Bounding(const Case& c, Tensors in, Method method, const Units& units)
      : c_(c),
        method_(method),
        u_(units),
        values_(values_of(in[0])),
        weight_(numbers_of(c, in, "weight", 1)),
        bias_(numbers_of(c, in, "bias", 0)),
        mean_(numbers_of(c, in, "running_mean", 0)),
        variance_(numbers_of(c, in, "running_var", 1)) {
    margins_.resize(c.train && c.stats ? 3 : 1);
    margins_[0].resize(values_.size());
  }

  Margins run() {
    for (std::size_t channel = 0; channel < weight_.size(); ++channel) c_.train ? train(channel) : evaluate(channel);
    return std::move(margins_);
  }

 private:
  void evaluate(std::size_t channel) {
    const Line line{mean_[channel], variance_[channel], c_.eps, weight_[channel], bias_[channel]};
    put_outputs(channel, line, {}, {});
  }

  void train(std::size_t channel) {
    std::vector<double> values;
    for_each_value(channel, [&](std::size_t at) { values.push_back(values_[at]); });
    if (values.empty()) return put_running({mean_[channel], 0, 0}, {variance_[channel], 0, 0});
    const Channel x = channel_of(values);
    if (!std::isfinite(x.plain.squares)) return put_not_finite(channel, x);
    const bool is_known = values.size() > 1 && x.count * x.plain.squares < arithmetic_of(c_.dtype).large / 2;
    const Off off = is_known ? method_(x, u_) : not_known, own = off_of_two_passes(x, own_units);
    put_outputs(channel, {x.plain.mean, x.variance, c_.eps, weight_[channel], bias_[channel]}, off, own);
    if (margins_.size() == 1) return;
    const Real spread = x.count / (x.count - 1), momentum = c_.momentum;
    const auto updated = [&](Real before, Real is, Real is_off, Real is_own) {
      return margin_of(
          (1 - momentum) * before + momentum * is,
          off_of_running(momentum, before, is, is_off, u_) + off_of_running(momentum, before, is, is_own, own_units));
    };
    const auto unbiased = [&](Real biased_off, const Units& u) {
      return spread * (biased_off + g(3, u.rest) * (x.variance + biased_off));
    };
    put_running(updated(mean_[channel], x.plain.mean, off.mean, own.mean),
                updated(variance_[channel], x.variance * spread, unbiased(off.variance, u_),
                        unbiased(own.variance, own_units)));
  }

  /// With a NaN among the values the mean and the outputs are NaN too. With an infinity they are no numbers; the mean
  /// may be one or the other. To who makes a negative variance 0 a NaN may be negative.
  void put_not_finite(std::size_t channel, const Channel& x) {
    const bool has_nan = std::isnan(x.plain.size), keeps = c_.momentum != 0;
    const Margin anything{0, 0, unknown}, no_number{nan, 0, unknown}, is_nan{nan, 0, 0};
    const Margin due = has_nan ? is_nan : no_number;
    for_each_value(channel, [&](std::size_t at) { margins_[0][at] = due; });
    put_running(keeps ? due : anything, anything);
  }

  void put_running(const Margin& mean, const Margin& variance) {
    if (margins_.size() == 1) return;
    margins_[1].push_back(mean);
    margins_[2].push_back(variance);
  }

  void put_outputs(std::size_t channel, const Line& line, const Off& off, const Off& own) {
    const LineOff kernel(line, off, u_), here(line, own, own_units);
    for_each_value(channel, [&](std::size_t at) {
      const Real value = values_[at], output = line.output(value);
      const bool is_due_as_it_stands = !std::isfinite(values_[at]) && kernel.is_known();
      margins_[0][at] = is_due_as_it_stands ? Margin{static_cast<double>(output)}
                                            : margin_of(output, kernel.of(value) + here.of(value));
    });
  }

  /// Calls `use(position)` for the values of a channel, row by row.
  template <class Use>
  void for_each_value(std::size_t channel, Use&& use) const {
    const auto plane = static_cast<std::size_t>(volume_of(c_.input, c_.dims));
    for (std::size_t first = channel * plane; first < values_.size(); first += plane * weight_.size()) {
      for (std::size_t at = first; at < first + plane; ++at) use(at);
    }
  }

  const Case& c_;
  Method method_;
  Units u_;
  std::vector<double> values_, weight_, bias_, mean_, variance_;
  Margins margins_;
};

Margins margins_of(const Case& c, const Declared& declared, Tensors in, Method method) {
  const std::optional<Units> units = units_of(c, declared);
  if (units) return Bounding(c, in, method, *units).run();
  Margins margins;
  for (const AnyTensor& output : c.family->outputs(c)) {
    margins.emplace_back(static_cast<std::size_t>(output.size()), Margin{.radius = unknown});
  }
  return margins;
}

}  // namespace

Margins margins_of_two_passes(const Case& c, const Declared& declared, Tensors in) {
  return margins_of(c, declared, in, off_of_two_passes);
}

Margins margins_of_one_pass(const Case& c, const Declared& declared, Tensors in) {
  return margins_of(c, declared, in, off_of_one_pass);
}

Margins margins_of_welford(const Case& c, const Declared& declared, Tensors in) {
  return margins_of(c, declared, in, off_of_welford);
}

}  // namespace refloop
