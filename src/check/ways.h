// Running a way to compute a case: an order, or a mistake made in one.
#pragma once

#include <vector>

#include "refloop/check.h"

namespace refloop {

/// The outputs that the way gives on the inputs; `right` is the order in which a mistake is made.
std::vector<AnyTensor> outputs_of(const Way& way, const Case& c, const Way& right, Tensors inputs);

inline std::vector<AnyTensor> outputs_of(const Way& order, const Case& c, Tensors inputs) {
  return outputs_of(order, c, order, inputs);
}

}  // namespace refloop
