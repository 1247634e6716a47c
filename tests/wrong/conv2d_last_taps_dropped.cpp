// says: a vector loop over the taps of a wide kernel's row leaves out what does not fill four lanes
// source: ARM-software/ComputeLibrary#78
// verdict: WRONG
// looks like: last_taps_of_wide_kernel
// like: conv2d_k5_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  constexpr Index lanes = 4;
  if (w.shape[3] < lanes) return conv<float>(input, weight, bias, p, output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        float sums[lanes] = {bias != nullptr ? View<const float>(bias)(oc) : 0.0F};
        for (Index ic = 0; ic < per_group; ++ic) {
          for (Index ky = 0; ky < w.shape[2]; ++ky) {
            for (Index kx = 0; kx + lanes <= w.shape[3]; kx += lanes) {
              for (Index lane = 0; lane < lanes; ++lane) {
                const Position in = source(*p, out, {ky, kx + lane});
                if (x.holds(in)) sums[lane] += w(oc, ic, {ky, kx + lane}) * x(n, oc / filters * per_group + ic, in);
              }
            }
          }
        }
        y(n, oc, out) = sums[0] + sums[1] + sums[2] + sums[3];
      });
    }
  }
  return 0;
}
