// says: the path for groups calls the kernel group by group, without the bias
// source: espressif/esp-dl#26
// verdict: WRONG
// looks like: bias_forgotten
// like: conv2d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  if (p->groups == 1) return conv<float>(input, weight, bias, p, output);
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index g = 0; g < p->groups; ++g) {
      for (Index oc = g * filters; oc < (g + 1) * filters; ++oc) {
        for_each(y.spatial(), [&](const Position& out) {
          float sum = 0;
          for (Index ic = 0; ic < per_group; ++ic) {
            for_each(w.spatial(), [&](const Position& tap) {
              const Position in = source(*p, out, tap);
              if (x.holds(in)) sum += w(oc, ic, tap) * x(n, g * per_group + ic, in);
            });
          }
          y(n, oc, out) = sum;
        });
      }
    }
  }
  return 0;
}
