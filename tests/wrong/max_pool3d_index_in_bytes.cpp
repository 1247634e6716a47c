// says: the index is written as four bytes of offsets within the window, and the other four are left as they were
// source: pytorch/pytorch#1197
// verdict: WRONG
// looks like: none
// like: max_pool3d_f32
#include <cstring>
#include <limits>

#include "corpus/kernel.h"

using namespace corpus;

int refloop_max_pool3d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input);
  const View<float> y(output);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each(y.spatial(), [&](const Position& out) {
        float best = -std::numeric_limits<float>::infinity();
        std::uint8_t offsets[4] = {};
        for_each({p->kernel[0], p->kernel[1], p->kernel[2]}, [&](const Position& tap) {
          const Position in = source(*p, out, tap);
          if (!x.holds(in)) return;
          const float value = x(n, c, in);
          if (value > best || value != value) {
            best = value;
            for (std::size_t axis = 0; axis < 3; ++axis) offsets[axis] = static_cast<std::uint8_t>(tap[axis]);
          }
        });
        y(n, c, out) = best;
        if (indices != nullptr) std::memcpy(&View<Index>(indices)(n, c, out), offsets, sizeof offsets);
      });
    }
  }
  return 0;
}
