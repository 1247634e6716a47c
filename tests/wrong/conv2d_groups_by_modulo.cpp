// says: output channel oc reads the channels of group oc % groups
// source: uxlfoundation/oneDNN#352
// verdict: WRONG
// looks like: groups_by_modulo
// like: conv2d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1];
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      const Index group = oc % p->groups;
      for_each(y.spatial(), [&](const Position& out) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = group * per_group; ic < (group + 1) * per_group; ++ic) {
          for_each(w.spatial(), [&](const Position& tap) {
            const Position in = source(*p, out, tap);
            if (x.holds(in)) sum += w(oc, ic - group * per_group, tap) * x(n, ic, in);
          });
        }
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}
