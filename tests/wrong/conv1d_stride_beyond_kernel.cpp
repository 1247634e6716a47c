// says: a line buffer is refilled as the window moves, but cells that a stride wider than the kernel skips are not
// source: fastmachinelearning/hls4ml#340
// verdict: WRONG
// looks like: none
// like: conv1d_d1_f32
#include <algorithm>

#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32) || p->dilation[0] != 1) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], taps = w.shape[2], filters = y.shape[1] / p->groups;
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(),
               [&](const Position& out) { y(n, oc, out) = bias != nullptr ? View<const float>(bias)(oc) : 0.0F; });
      for (Index ic = 0; ic < per_group; ++ic) {
        std::vector<float> window(static_cast<std::size_t>(taps));
        Index next = -p->padding_before[0];
        for (Index ox = 0; ox < y.shape[2]; ++ox) {
          const Index fresh = ox == 0 ? taps : std::min(p->stride[0], taps);
          std::rotate(window.begin(), window.begin() + fresh, window.end());
          for (Index k = taps - fresh; k < taps; ++k, ++next) {
            window[static_cast<std::size_t>(k)] = x.holds({next}) ? x(n, oc / filters * per_group + ic, {next}) : 0.0F;
          }
          for (Index k = 0; k < taps; ++k) y(n, oc, {ox}) += w(oc, ic, {k}) * window[static_cast<std::size_t>(k)];
        }
      }
    }
  }
  return 0;
}
