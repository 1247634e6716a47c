// How any kernel with a sliding window is known to go wrong: edits that several families list.
#pragma once

#include "refloop/check.h"

namespace refloop {

inline void dilation_ignored(Case& c, std::vector<AnyTensor>&) {
  c.dilation = {1, 1, 1};
}
inline void stride_of_first_axis(Case& c, std::vector<AnyTensor>&) {
  c.stride.fill(c.stride[0]);
}
inline void padding_of_first_axis(Case& c, std::vector<AnyTensor>&) {
  c.before.fill(c.before[0]);
  c.after.fill(c.after[0]);
}

}  // namespace refloop
