// Which of a family's orders LibTorch's native kernels take: the first on contiguous memory; on memory that they take
// for channels_last the second, where there is one.
#pragma once

#include "refloop/check.h"

namespace refloop {

inline const Way* contiguous_order(const Case& c) {
  return contract(c);
}
inline const Way* channels_last_order(const Case& c) {
  return c.family->orders.size() > 1 ? &c.family->orders[1] : contract(c);
}

}  // namespace refloop
