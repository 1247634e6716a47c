// Orders of summation known by name, for a subject that promises none: how the terms of one of a family's nests are
// added (in order, in lanes, by halves, fused or not), beside the family's own table of orders.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "check/terms.h"
#include "refloop/check.h"

namespace refloop {

/// A known way to add the terms of a nest, and to take an average of the sum.
struct KnownOrder {
  std::string name;
  std::size_t nest;
  std::function<double(const Terms&)> value;  // as the element type has it
};
std::vector<KnownOrder> known_orders(const Case& c);

/// The names of the known orders that give every bit of the outputs, but for payloads of NaN, and for signs of zero
/// unless `zero_signs` count.
/// `among`: only these are tried, where it is given. Sizes and types must be right.
std::vector<std::string> orders_giving(Prepared& prepared, Tensors got,
                                       const std::optional<std::vector<std::string>>& among = std::nullopt,
                                       bool zero_signs = false);

}  // namespace refloop
