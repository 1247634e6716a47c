// says: rows go in blocks of 16, and the accumulators are cleared for the first block only
// source: tenstorrent/tt-metal#51270
// verdict: WRONG
// looks like: sum_not_cleared
// like: conv2d_i12_k1_s1_p3_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  constexpr Index block = 16;
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups, columns = y.shape[3];
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      std::vector<float> sums(static_cast<std::size_t>(block * columns));
      for_each(y.spatial(), [&](const Position& out) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          for_each(w.spatial(), [&](const Position& tap) {
            const Position in = source(*p, out, tap);
            if (x.holds(in)) sum += w(oc, ic, tap) * x(n, oc / filters * per_group + ic, in);
          });
        }
        float& accumulated = sums[static_cast<std::size_t>(out[0] % block * columns + out[1])];
        accumulated += sum;
        y(n, oc, out) = accumulated;
      });
    }
  }
  return 0;
}
