// Random cases. Every setting is drawn from its field's range, often as in networks; then what a pattern says is said,
// and the family moves the case to a legal one nearby.
#include <fmt/format.h>

#include "check/common_fields.h"
#include "check/tensors.h"
#include "refloop/check.h"

namespace refloop {
namespace {

/// Multiplications that a random case may take, so that thousands of cases run in a second.
constexpr Index most_work = 40'000;
/// Cases drawn before a pattern is given up.
constexpr std::uint64_t most_attempts = 20'000;

template <class T, std::size_t Size>
T pick(const T (&choices)[Size], std::uint64_t number) {
  return choices[number % Size];
}

Case draw_case(const Pattern& pattern, const Draw& draw) {
  const Family& family = *pattern.family;
  Case c;
  c.family = &family;
  Index position = 0;
  const bool as_in_networks = draw.between(0, 4, position++) < 2;
  constexpr int all_dims[] = {1, 2, 3}, dims_in_networks[] = {2, 2, 2, 2, 1, 3};
  c.dims = as_in_networks ? pick(dims_in_networks, draw(position)) : pick(all_dims, draw(position));
  ++position;
  if (pattern.dims) c.dims = *pattern.dims;
  for_each_field(family, [&](const Field& field) {
    if (field.kind->draw == nullptr) return;
    field.kind->draw(field, c, draw, position);
    position += draws_per_field;
  });
  constexpr Data kinds[] = {Data::real, Data::real,    Data::integer, Data::wide,
                            Data::wild, Data::special, Data::special, Data::coded};
  c.data = pick(kinds, draw(position++));
  // The two floating types, which come first in every family's table, take three quarters of the cases.
  const bool any_type = draw.between(0, 3, position++) == 0;
  c.dtype = family.dtypes[draw(position++) % (any_type ? family.dtypes.size() : 2)];
  if (as_in_networks) family.as_in_networks(c, draw, position);
  pattern.apply(c);
  family.settle(c);
  return c;
}

}  // namespace

Prepared sample(const Pattern& pattern, std::uint64_t seed, std::uint64_t index,
                const std::function<bool(const Case&)>& is_wanted) {
  for (std::uint64_t attempt = 0; attempt < most_attempts; ++attempt) {
    const Draw draw(mix(mix(seed) ^ index) + attempt, pattern.family->name);
    const Case c = draw_case(pattern, draw);
    // A pattern may want so many channels that nothing is small.
    const Index most = attempt < most_attempts / 2 ? most_work : 100 * most_work;
    if (!pattern.matches(c) || !is_legal(c) || c.family->work(c) > most || (is_wanted && !is_wanted(c))) continue;
    Prepared prepared(c);
    // A case must tell a right kernel from one that writes zeros.
    if (!tells_little(prepared.expected(*contract(c))[0])) return prepared;
  }
  throw Error(fmt::format("of {} random cases none is legal, small and as the pattern says", most_attempts));
}

Case sample(const Family& family, std::uint64_t seed, std::uint64_t index) {
  return sample(Pattern{.family = &family}, seed, index).subject_case();
}

}  // namespace refloop
