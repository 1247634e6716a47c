// says: the depthwise path lays a multiplier's filters side by side, one of each channel, instead of channel by channel
// source: ARM-software/ComputeLibrary#553
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
  if (p->groups != x.shape[1]) return conv<float>(input, weight, bias, p, output);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index m = 0; m < y.shape[1] / x.shape[1]; ++m) {
      for (Index c = 0; c < x.shape[1]; ++c) {
        const Index oc = m * x.shape[1] + c;
        for_each(y.spatial(), [&](const Position& out) {
          float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
          for_each(w.spatial(), [&](const Position& tap) {
            const Position in = source(*p, out, tap);
            if (x.holds(in)) sum += w(oc, 0, tap) * x(n, c, in);
          });
          y(n, oc, out) = sum;
        });
      }
    }
  }
  return 0;
}
