#include "check/orders.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>

#include "check/dispatch.h"
#include "check/tensors.h"
#include "check/terms.h"

namespace refloop {
namespace {

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
    reduction<Interleaved<2, false>>("2 lanes"),
    reduction<Interleaved<4, false>>("4 lanes"),
    reduction<Interleaved<8, false>>("8 lanes"),
    reduction<Interleaved<16, false>>("16 lanes"),
    reduction<Interleaved<2, true>>("2 lanes, fused"),
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

using Among = std::optional<std::vector<std::string>>;

bool is_asked(const Among& among, const std::string& name) {
  return !among || std::find(among->begin(), among->end(), name) != among->end();
}

bool gives(Prepared& prepared, const Way& order, Tensors got, bool zero_signs) {
  const Tensors due = prepared.expected(order);
  return std::equal(due.begin(), due.end(), got.begin(), got.end(), [&](const AnyTensor& one, const AnyTensor& other) {
    return compare(one, other, {.payloads = false, .zero_signs = zero_signs}).differing == 0;
  });
}

}  // namespace

std::vector<KnownOrder> known_orders(const Case& c) {
  std::vector<KnownOrder> orders;
  const bool is_average = c.family->nests.size() == 1;
  for (std::size_t nest = 0; nest < c.family->nests.size(); ++nest) {
    for (const Reduction& how : reductions) {
      for (const Finish& finish : finishes) {
        if (finish.reciprocal && !is_average) continue;
        const auto value = [&how, &finish, dtype = c.dtype](const Terms& terms) {
          return dispatch(Types<double, float>{}, dtype, [&]<class T>() {
            return static_cast<double>(finished(sum_in<T>(how, terms), terms, finish));
          });
        };
        orders.push_back({fmt::format("{}, {}{}", c.family->nests[nest].name, how.name, finish.name), nest, value});
      }
    }
  }
  return orders;
}

std::vector<std::string> orders_giving(Prepared& prepared, Tensors got, const Among& among, bool zero_signs) {
  const Case& c = prepared.subject_case();
  std::vector<std::string> names;
  for (const Way& order : c.family->orders) {
    const std::string name(order.name);
    if (is_asked(among, name) && gives(prepared, order, got, zero_signs)) names.push_back(name);
  }
  if (c.family->nests.empty()) return names;
  std::vector<KnownOrder> candidates = known_orders(c);
  std::erase_if(candidates, [&](const KnownOrder& one) { return !is_asked(among, one.name); });
  const std::vector<double> elements = elements_of(got[0]);
  for (std::size_t nest = 0; nest < c.family->nests.size(); ++nest) {
    const auto is_of_nest = [&](const KnownOrder& one) { return one.nest == nest; };
    if (std::none_of(candidates.begin(), candidates.end(), is_of_nest)) continue;
    std::size_t number = 0;
    c.family->nests[nest].each(c, prepared.inputs(), [&](const Terms& terms) {
      const double is = elements[number++];
      std::erase_if(candidates, [&](const KnownOrder& one) {
        if (one.nest != nest) return false;
        const double due = one.value(terms);
        const bool same_sign = due != 0 || !zero_signs || std::signbit(due) == std::signbit(is);
        return !((due == is && same_sign) || (due != due && is != is));
      });
    });
  }
  for (const KnownOrder& one : candidates) names.push_back(one.name);
  return names;
}

}  // namespace refloop
