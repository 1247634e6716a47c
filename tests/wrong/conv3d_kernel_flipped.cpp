// says: the filter is walked from its last tap to its first while the window is walked forwards
// source: FluxML/NNlib.jl#208
// verdict: WRONG
// looks like: kernel_flipped
// like: conv3d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv3d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  const Index taps = w.shape[2] * w.shape[3] * w.shape[4];
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          const float* coefficient = w.data + (oc * per_group + ic + 1) * taps;
          for_each(w.spatial(), [&](const Position& tap) {
            --coefficient;
            const Position in = source(*p, out, tap);
            if (x.holds(in)) sum += *coefficient * x(n, oc / filters * per_group + ic, in);
          });
        }
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}
