// says: sums are added onto the output, of which only the first plane was zeroed
// source: ARM-software/ComputeLibrary#343
// verdict: WRONG
// looks like: none
// like: conv2d_f32
#include <algorithm>

#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  if (y.shape[0] > 0) std::fill_n(y.data, y.shape[2] * y.shape[3], 0.0F);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for (Index ic = 0; ic < per_group; ++ic) {
        for_each(y.spatial(), [&](const Position& out) {
          float sum = 0;
          for_each(w.spatial(), [&](const Position& tap) {
            const Position in = source(*p, out, tap);
            if (x.holds(in)) sum += w(oc, ic, tap) * x(n, oc / filters * per_group + ic, in);
          });
          y(n, oc, out) += sum;
        });
      }
      if (bias == nullptr) continue;
      for_each(y.spatial(), [&](const Position& out) { y(n, oc, out) += View<const float>(bias)(oc); });
    }
  }
  return 0;
}
