// says: images go in pairs, and the one that is left of an odd batch is read by the number of its pair
// source: NervanaSystems/neon#361
// verdict: WRONG
// looks like: none
// like: conv3d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv3d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  const auto run = [&](Index from, Index to) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          for_each(w.spatial(), [&](const Position& tap) {
            const Position in = source(*p, out, tap);
            if (x.holds(in)) sum += w(oc, ic, tap) * x(from, oc / filters * per_group + ic, in);
          });
        }
        y(to, oc, out) = sum;
      });
    }
  };
  const Index pairs = y.shape[0] / 2;
  for (Index pair = 0; pair < pairs; ++pair) {
    run(2 * pair, 2 * pair);
    run(2 * pair + 1, 2 * pair + 1);
  }
  if (y.shape[0] % 2 != 0) run(pairs, 2 * pairs);
  return 0;
}
