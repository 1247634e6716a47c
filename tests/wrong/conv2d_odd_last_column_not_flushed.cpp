// says: im2col multiplies two columns at a time, and the one that is left of an odd row is never multiplied
// source: ARM-software/CMSIS_5#1168
// verdict: WRONG
// looks like: none
// like: conv2d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups, depth = per_group * w.shape[2] * w.shape[3];
  std::vector<float> columns(static_cast<std::size_t>(2 * depth));
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index g = 0; g < p->groups; ++g) {
      for_each(y.spatial(), [&](const Position& out) {
        float* column = columns.data() + out[1] % 2 * depth;
        for (Index ic = 0; ic < per_group; ++ic) {
          for_each(w.spatial(), [&](const Position& tap) {
            const Position in = source(*p, out, tap);
            *column++ = x.holds(in) ? x(n, g * per_group + ic, in) : 0.0F;
          });
        }
        if (out[1] % 2 == 0) return;
        for (Index oc = g * filters; oc < (g + 1) * filters; ++oc) {
          float left = bias != nullptr ? View<const float>(bias)(oc) : 0.0F, right = left;
          for (Index k = 0; k < depth; ++k) {
            left += w.data[oc * depth + k] * columns[static_cast<std::size_t>(k)];
            right += w.data[oc * depth + k] * columns[static_cast<std::size_t>(depth + k)];
          }
          y(n, oc, {out[0], out[1] - 1}) = left;
          y(n, oc, out) = right;
        }
      });
    }
  }
  return 0;
}
