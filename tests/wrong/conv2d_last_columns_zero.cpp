// says: of rows wider than a vector the columns that do not fill one of eight stay as they were cleared
// source: vapoursynth/vapoursynth#1108
// verdict: WRONG
// looks like: last_columns_of_wide_output
// like: conv2d_f32
#include <algorithm>

#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  constexpr Index lanes = 8;
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  const Index vectors = std::max<Index>(y.shape[3] / lanes, 1);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for (Index oy = 0; oy < y.shape[2]; ++oy) {
        for (Index ox = 0; ox < y.shape[3]; ++ox) y(n, oc, {oy, ox}) = 0;
        for (Index ox = 0; ox < std::min(vectors * lanes, y.shape[3]); ++ox) {
          float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
          for (Index ic = 0; ic < per_group; ++ic) {
            for_each(w.spatial(), [&](const Position& tap) {
              const Position in = source(*p, {oy, ox}, tap);
              if (x.holds(in)) sum += w(oc, ic, tap) * x(n, oc / filters * per_group + ic, in);
            });
          }
          y(n, oc, {oy, ox}) = sum;
        }
      }
    }
  }
  return 0;
}
