// says: from group to group the bias moves on by one element instead of by the channels of a group
// source: OAID/Tengine#5
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
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  for (Index n = 0; n < y.shape[0]; ++n) {
    const float* biases = bias != nullptr ? static_cast<const float*>(bias->data) : nullptr;
    for (Index g = 0; g < p->groups; ++g) {
      for (Index f = 0; f < filters; ++f) {
        for_each(y.spatial(), [&](const Position& out) {
          float sum = biases != nullptr ? biases[f] : 0.0F;
          for (Index ic = 0; ic < per_group; ++ic) {
            for_each(w.spatial(), [&](const Position& tap) {
              const Position in = source(*p, out, tap);
              if (x.holds(in)) sum += w(g * filters + f, ic, tap) * x(n, g * per_group + ic, in);
            });
          }
          y(n, g * filters + f, out) = sum;
        });
      }
      if (biases != nullptr) ++biases;
    }
  }
  return 0;
}
