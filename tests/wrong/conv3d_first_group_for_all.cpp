// says: every group reads the first group's channels
// source: pytorch/pytorch#18463
// verdict: WRONG
// looks like: first_group_for_all
// like: conv3d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv3d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index filters = y.shape[1] / p->groups;
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index g = 0; g < p->groups; ++g) {
      for (Index f = 0; f < filters; ++f) {
        const Index oc = g * filters + f;
        for_each(y.spatial(), [&](const Position& out) {
          float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
          for (Index ic = 0; ic < w.shape[1]; ++ic) {
            for_each(w.spatial(), [&](const Position& tap) {
              const Position in = source(*p, out, tap);
              if (x.holds(in)) sum += w(oc, ic, tap) * x(n, ic, in);
            });
          }
          y(n, oc, out) = sum;
        });
      }
    }
  }
  return 0;
}
