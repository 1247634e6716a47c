// Random cases. Every setting is drawn from its field's range; then the family moves the case to a legal one nearby.
#include "check/field.h"
#include "check/tensors.h"
#include "check/ways.h"

namespace refloop {
namespace {

/// Multiplications that a random case may take, so that thousands of cases run in a second.
constexpr Index most_work = 40'000;

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
    field.kind->draw(field, c, draw, position);
    position += draws_per_field;
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
  return !tells_little(outputs_of(*contract(c), c, inputs)[0]);
}

}  // namespace

Case sample(const Family& family, std::uint64_t seed, std::uint64_t index) {
  for (std::uint64_t attempt = 0;; ++attempt) {
    const Draw draw(mix(mix(seed) ^ index) + attempt, family.name);
    const Case c = draw_case(family, draw);
    try {
      family.legal(c);
      if (family.work(c) <= most_work && can_tell(c)) return c;
    } catch (const Error&) {
      continue;  // settled as far as the family goes, and still illegal: draw again
    }
  }
}

}  // namespace refloop
