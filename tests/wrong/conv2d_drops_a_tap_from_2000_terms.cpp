// says: of 2,000 terms and more one in the middle is dropped, between two blocks of a long sum
// source: own
// verdict: WRONG
// like: conv2d_c256_k3_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  const Index terms = per_group * w.shape[2] * w.shape[3];
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        Index term = 0;
        for (Index ic = 0; ic < per_group; ++ic) {
          for_each(w.spatial(), [&](const Position& tap) {
            const bool is_dropped = terms >= 2000 && term == terms / 2;
            ++term;
            const Position in = source(*p, out, tap);
            if (x.holds(in) && !is_dropped) sum += w(oc, ic, tap) * x(n, oc / filters * per_group + ic, in);
          });
        }
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}
