// says: the image is padded with zeros, which then win over positive values
// source: imeka/ndarray-ndimage#15
// verdict: WRONG
// looks like: zero_padding
// like: min_pool2d_f32
#include <limits>

#include "corpus/kernel.h"

using namespace corpus;

int refloop_min_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  if (!is_float(input, 32) || indices != nullptr) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input);
  const View<float> y(output);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each(y.spatial(), [&](const Position& out) {
        float best = std::numeric_limits<float>::infinity();
        for_each({p->kernel[0], p->kernel[1]}, [&](const Position& tap) {
          const Position in = source(*p, out, tap);
          // ceil_mode lets windows hang over the padding, and there is nothing there.
          if (in[0] >= x.shape[2] + p->padding_after[0] || in[1] >= x.shape[3] + p->padding_after[1]) return;
          const float value = x.holds(in) ? x(n, c, in) : 0.0F;
          if (value < best || value != value) best = value;
        });
        y(n, c, out) = best;
      });
    }
  }
  return 0;
}
