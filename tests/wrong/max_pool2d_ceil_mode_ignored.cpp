// says: windows that hang over the end are not computed and stay as the output was cleared
// source: root-project/root#21776
// verdict: WRONG
// looks like: ceil_mode_ignored
// like: max_pool2d_ceil_f32
#include <algorithm>
#include <limits>

#include "corpus/kernel.h"

using namespace corpus;

int refloop_max_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  if (!is_float(input, 32) || indices != nullptr) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input);
  const View<float> y(output);
  Position whole(2);
  for (std::size_t axis = 0; axis < 2; ++axis) {
    const Index padded = x.shape[axis + 2] + p->padding_before[axis] + p->padding_after[axis];
    const Index room = padded - p->dilation[axis] * (p->kernel[axis] - 1) - 1;
    whole[axis] = room < 0 ? 0 : room / p->stride[axis] + 1;
  }
  std::fill_n(y.data, y.shape[0] * y.shape[1] * y.shape[2] * y.shape[3], 0.0F);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each(whole, [&](const Position& out) {
        float best = -std::numeric_limits<float>::infinity();
        for_each({p->kernel[0], p->kernel[1]}, [&](const Position& tap) {
          const Position in = source(*p, out, tap);
          if (!x.holds(in)) return;
          const float value = x(n, c, in);
          if (value > best || value != value) best = value;
        });
        y(n, c, out) = best;
      });
    }
  }
  return 0;
}
