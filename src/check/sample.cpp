// Random cases. Every setting is drawn from its field's range; then the family moves the case to a legal one nearby.
#include <algorithm>

#include "check/dispatch.h"
#include "check/mix.h"
#include "check/tensors.h"
#include "refloop/check.h"

namespace refloop {
namespace {

/// Multiplications that a random case may take, so that thousands of cases run in a second.
constexpr Index most_work = 40'000;

/// Small numbers more often than large ones: the smaller of two draws, half of the time.
Index skewed(const Draw& draw, Index least, Index most, Index position) {
  const Index first = draw.between(least, most, position, 0);
  if (draw.between(0, 1, position, 1) == 0) return first;
  return std::min(first, draw.between(least, most, position, 2));
}

template <class T, std::size_t Size>
T pick(const T (&choices)[Size], std::uint64_t number) {
  return choices[number % Size];
}

Case draw_case(const Family& family, const Draw& draw) {
  Case c;
  c.family = &family;
  Index position = 0;
  c.dims = static_cast<int>(draw.between(1, 3, position++));
  for (const Field& field : family.fields) {
    const Index here = position;
    position += 8;
    const bool usual = draw.between(0, 1, here + 7) == 0;
    if (const auto* index = std::get_if<Index Case::*>(&field.at)) {
      const bool optional = c.**index < field.least;  // a divisor, say, that is 0 where there is none
      if (!optional || !usual) c.** index = skewed(draw, std::max<Index>(field.least, 1), field.most, here);
    } else if (const auto* axes = std::get_if<Axes Case::*>(&field.at)) {
      if (!field.required && (c.**axes)[0] < field.least && usual) continue;  // an input of N x C has no size
      for (int axis = 0; axis < c.dims; ++axis) {
        const auto at = static_cast<std::size_t>(axis);
        const bool copied = field.same_as != nullptr && usual;
        (c.**axes)[at] = copied ? (c.*field.same_as)[at] : skewed(draw, field.least, field.most, here + axis);
      }
    } else if (const auto* flag = std::get_if<bool Case::*>(&field.at)) {
      c.** flag = usual;
    } else if (const auto* number = std::get_if<double Case::*>(&field.at)) {
      constexpr double factors[] = {1, 1, 0.5, 4, 10};
      c.** number *= pick(factors, draw(here));
    }
  }
  constexpr Layout layouts[] = {Layout::dense, Layout::dense, Layout::dense, Layout::channels_last, Layout::strided};
  constexpr Data kinds[] = {Data::real, Data::real, Data::integer, Data::wide, Data::special, Data::coded};
  c.layout = pick(layouts, draw(position++));
  c.data = pick(kinds, draw(position++));
  // The two floating types, which come first in every family's table, take three quarters of the cases.
  const bool any_type = draw.between(0, 3, position++) == 0;
  c.dtype = family.dtypes[draw(position++) % (any_type ? family.dtypes.size() : 2)];
  c.seed = draw(position++) % 1000;
  family.settle(c);
  return c;
}

/// Whether the outputs hold enough to tell a right kernel from one that writes zeros.
bool can_tell(const Case& c) {
  const auto inputs = c.family->inputs(c);
  auto outputs = c.family->outputs(c);
  c.family->loops(c, Order::contiguous, inputs, outputs);
  return !tells_little(outputs[0]);
}

}  // namespace

Case sample(const Family& family, std::uint64_t seed, std::uint64_t index) {
  for (std::uint64_t attempt = 0;; ++attempt) {
    const Draw draw(mix(mix(seed) ^ index) + attempt, family.name);
    const Case c = draw_case(family, draw);
    try {
      family.check(c);
      if (family.work(c) <= most_work && can_tell(c)) return c;
    } catch (const Error&) {
      continue;  // settled as far as the family goes, and still illegal: draw again
    }
  }
}

}  // namespace refloop
