// says: input channels go eight at a time, and the rest of a ninth and later is left out
// source: bhuman/CompiledNN#16
// verdict: WRONG
// looks like: channels_beyond_eight
// like: conv2d_c9_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  constexpr Index lanes = 8;
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  if (per_group < lanes) return conv<float>(input, weight, bias, p, output);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        float sums[lanes] = {};
        for_each(w.spatial(), [&](const Position& tap) {
          const Position in = source(*p, out, tap);
          if (!x.holds(in)) return;
          for (Index block = 0; block < per_group / lanes; ++block) {
            for (Index lane = 0; lane < lanes; ++lane) {
              const Index ic = block * lanes + lane;
              sums[lane] += w(oc, ic, tap) * x(n, oc / filters * per_group + ic, in);
            }
          }
        });
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (const float lane : sums) sum += lane;
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}
