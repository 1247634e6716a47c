// says: passes over weights of zero, as kernels for pruned layers do, and so over 0 times infinity, which is NaN
// source: own
// verdict: WRONG
// like: conv2d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          for_each(w.spatial(), [&](const Position& tap) {
            const Position in = source(*p, out, tap);
            const float factor = w(oc, ic, tap);
            if (factor != 0 && x.holds(in)) sum += factor * x(n, oc / filters * per_group + ic, in);
          });
        }
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}
