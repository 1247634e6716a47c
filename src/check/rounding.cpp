#include "check/rounding.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "check/dispatch.h"
#include "check/tensors.h"
#include "check/terms.h"

namespace refloop {
namespace {

// ---- known orders: how the terms of a nest are added ----

/// One after the other.
template <bool Fused, bool StartLast>
struct Chain {
  template <class T>
  static T sum(const Terms& terms) {
    T total = StartLast ? T{0} : static_cast<T>(terms.start);
    for (std::size_t at = 0; at < terms.values.size(); ++at) {
      const T weight = static_cast<T>(terms.weights[at]), value = static_cast<T>(terms.values[at]);
      total = Fused ? std::fma(weight, value, total) : total + weight * value;
    }
    return StartLast ? total + static_cast<T>(terms.start) : total;
  }
};

/// Term k goes to sum k mod Lanes; the sums are added by halves, the upper to the lower; the start last.
template <std::size_t Lanes, bool Fused>
struct Interleaved {
  template <class T>
  static T sum(const Terms& terms) {
    std::array<T, Lanes> sums{};
    for (std::size_t at = 0; at < terms.values.size(); ++at) {
      const T weight = static_cast<T>(terms.weights[at]), value = static_cast<T>(terms.values[at]);
      T& lane = sums[at % Lanes];
      lane = Fused ? std::fma(weight, value, lane) : lane + weight * value;
    }
    for (std::size_t half = Lanes / 2; half > 0; half /= 2) {
      for (std::size_t lane = 0; lane < half; ++lane) sums[lane] += sums[lane + half];
    }
    return sums[0] + static_cast<T>(terms.start);
  }
};

/// Halves of halves, down to single products; the start last.
struct Pairwise {
  template <class T>
  static T sum_of(const Terms& terms, std::size_t first, std::size_t count) {
    if (count == 0) return T{0};
    if (count == 1) return static_cast<T>(terms.weights[first]) * static_cast<T>(terms.values[first]);
    const std::size_t half = count / 2;
    return sum_of<T>(terms, first, half) + sum_of<T>(terms, first + half, count - half);
  }
  template <class T>
  static T sum(const Terms& terms) {
    return sum_of<T>(terms, 0, terms.values.size()) + static_cast<T>(terms.start);
  }
};

/// In double, rounded once at the end.
struct InDouble {
  template <class T>
  static T sum(const Terms& terms) {
    return static_cast<T>(Chain<false, false>::sum<double>(terms));
  }
};

struct Reduction {
  std::string_view name;
  float (*in_f32)(const Terms&);
  double (*in_f64)(const Terms&);
};
template <class How>
constexpr Reduction reduction(std::string_view name) {
  return {name, How::template sum<float>, How::template sum<double>};
}
constexpr Reduction reductions[] = {
    reduction<Chain<false, false>>("in order"),
    reduction<Chain<false, true>>("in order, the bias last"),
    reduction<Chain<true, false>>("in order, fused"),
    reduction<Chain<true, true>>("in order, fused, the bias last"),
    reduction<Interleaved<4, false>>("4 lanes"),
    reduction<Interleaved<8, false>>("8 lanes"),
    reduction<Interleaved<16, false>>("16 lanes"),
    reduction<Interleaved<4, true>>("4 lanes, fused"),
    reduction<Interleaved<8, true>>("8 lanes, fused"),
    reduction<Interleaved<16, true>>("16 lanes, fused"),
    reduction<Pairwise>("pairwise"),
    reduction<InDouble>("in double"),
};

template <class T>
T sum_in(const Reduction& how, const Terms& terms) {
  if constexpr (sizeof(T) == sizeof(float)) {
    return how.in_f32(terms);
  } else {
    return how.in_f64(terms);
  }
}

/// How an average is taken of its sum.
struct Finish {
  std::string_view name;
  bool reciprocal;
};
constexpr Finish finishes[] = {{"", false}, {", times the reciprocal", true}};

template <class T>
T finished(T sum, const Terms& terms, const Finish& how) {
  if (terms.divisor == 1) return sum;
  const T divisor = static_cast<T>(terms.divisor);
  return how.reciprocal ? sum * (T{1} / divisor) : sum / divisor;
}

/// An order that still gives every bit.
struct Candidate {
  const Reduction* reduction;
  const Finish* finish;
};

// ---- the bound ----

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
  double value() const { return high_ + low_; }

 private:
  double high_ = 0, low_ = 0;
};

struct Limit {
  Compensated exact{};  // of the sum, not yet divided
  double radius = 0;    // of the output
  bool is_known = true;
};

template <class T>
Limit limit_of(const Terms& terms, Index steps_by_axis) {
  constexpr double unit = std::numeric_limits<T>::epsilon() / 2, tiny = std::numeric_limits<T>::denorm_min();
  Limit limit;
  limit.exact.add(terms.start);
  double magnitude = std::abs(terms.start);
  double rounding = terms.start != 0 ? 1 : 0;  // N
  for (std::size_t at = 0; at < terms.values.size(); ++at) {
    limit.exact.add_product(terms.weights[at], terms.values[at]);
    magnitude += std::abs(terms.weights[at] * terms.values[at]);
    rounding += terms.weights[at] != 0 && terms.values[at] != 0 ? 1 : 0;
  }
  const auto divisor = static_cast<double>(terms.divisor);
  // A product in long double is rounded twice; a compensated sum of two runs on over zeros.
  double steps = rounding == 1 || rounding == 2 ? rounding + 1 : rounding;
  if (terms.is_average) steps = std::max(rounding + 1, static_cast<double>(steps_by_axis));
  if (terms.is_average && divisor > 1 / unit) steps += 1;
  if (steps * unit >= 1 || magnitude >= std::numeric_limits<T>::max() / 2)
    return {.exact = limit.exact, .is_known = false};
  const double growth = steps * unit / (1 - steps * unit);
  const double underflow =
      (terms.is_average ? steps / 2 : static_cast<double>(terms.values.size()) / 2) * tiny * (1 + growth);
  // What this computation rounds itself: the exact sum is off by less than 2^-96 of the magnitude, and by the errors of
  // products that underflow in double; the last factor is for the radius.
  const double own =
      magnitude * 0x1p-96 + static_cast<double>(terms.values.size()) * std::numeric_limits<double>::denorm_min();
  limit.radius = ((growth * magnitude + own) / divisor + underflow) * (1 + 1e-9);
  return limit;
}

/// How often an average that is taken axis by axis may round.
Index axis_steps(const Case& c) {
  Index steps = c.dims;
  for (const Index size : first_axes(c.kernel, c.dims)) steps += size;
  return steps;
}

std::vector<Index> position_in(const std::vector<Index>& shape, Index flat) {
  std::vector<Index> at(shape.size());
  for (std::size_t axis = at.size(); axis-- > 0;) {
    at[axis] = flat % shape[axis];
    flat /= shape[axis];
  }
  return at;
}

template <class T>
class Explaining {
 public:
  Explaining(const Case& c, const AnyTensor& output, const std::vector<std::string>* among)
      : case_(c), output_(output), among_(among) {
    const T* const elements = static_cast<const T*>(output.data);
    got_.reserve(static_cast<std::size_t>(output.size()));
    for_each_offset(output, [&](Index offset) { got_.push_back(elements[offset]); });
  }

  Rounding run(Tensors inputs) {
    bool bounds = true;  // the first nest tells the bound as well
    for (const Nest& nest : case_.family->nests) {
      candidates_.clear();
      for (const Reduction& how : reductions) {
        for (const Finish& finish : finishes) {
          if (is_asked(name(nest, how, finish))) candidates_.push_back({&how, &finish});
        }
      }
      std::size_t number = 0;
      nest.each(case_, inputs, [&](const Terms& terms) {
        const T got = got_[number];
        if (bounds) measure(terms, got, static_cast<Index>(number));
        std::erase_if(candidates_, [&](const Candidate& one) {
          const T due = finished(sum_in<T>(*one.reduction, terms), terms, *one.finish);
          return !(due == got || (due != due && got != got));  // a zero of either sign is right
        });
        ++number;
      });
      for (const Candidate& one : candidates_) rounding_.orders.push_back(name(nest, *one.reduction, *one.finish));
      bounds = false;
    }
    return rounding_;
  }

 private:
  static std::string name(const Nest& nest, const Reduction& how, const Finish& finish) {
    return fmt::format("{}, {}{}", nest.name, how.name, finish.name);
  }
  bool is_asked(const std::string& name) const {
    return among_ == nullptr || std::find(among_->begin(), among_->end(), name) != among_->end();
  }

  void measure(const Terms& terms, T got, Index number) {
    Limit limit = limit_of<T>(terms, axis_steps(case_));
    if (!limit.is_known) {
      rounding_.has_bound = false;
      return;
    }
    const auto value = static_cast<double>(got), divisor = static_cast<double>(terms.divisor);
    limit.exact.add_product(-value, divisor);
    const double distance = std::abs(limit.exact.value()) / divisor;
    const double share = distance == 0 ? 0 : distance / limit.radius;
    if (std::isfinite(value) && share <= 1) {
      rounding_.bound_used = std::max(rounding_.bound_used, share);
      return;
    }
    rounding_.bound_used =
        std::max(rounding_.bound_used, std::isfinite(share) ? share : std::numeric_limits<double>::infinity());
    if (rounding_.outside++ == 0) rounding_.first_outside = position_in(output_.shape, number);
  }

  const Case& case_;
  const AnyTensor& output_;
  const std::vector<std::string>* among_;
  std::vector<T> got_;
  std::vector<Candidate> candidates_;
  Rounding rounding_;
};

}  // namespace

SumBound sum_bound(const Terms& terms, DType dtype, Index axis_steps) {
  return dispatch(Types<double, float>{}, dtype, [&]<class T>() {
    const Limit limit = limit_of<T>(terms, axis_steps);
    return SumBound{limit.exact.value() / static_cast<double>(terms.divisor), limit.radius, limit.is_known};
  });
}

bool has_terms(const Case& c) {
  const bool is_float = c.dtype == DType::f32 || c.dtype == DType::f64;
  return is_float && c.data != Data::special && !c.family->nests.empty();
}

bool can_be_judged_without_order(const Case& c) {
  const bool knows_orders = c.data != Data::special && c.family->nests.empty() && c.family->orders.size() > 1;
  return c.family->all_orders_agree(c) || has_terms(c) || knows_orders;
}

Rounding rounding_of(const Case& c, Tensors inputs, const AnyTensor& output, const std::vector<std::string>* among) {
  return dispatch(Types<double, float>{}, c.dtype,
                  [&]<class T>() { return Explaining<T>(c, output, among).run(inputs); });
}

}  // namespace refloop
