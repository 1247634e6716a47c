// says: the kernel is spread out with zeros, and then run with the dilation once more
// source: root-project/root#22474
// verdict: WRONG
// looks like: dilation_twice
// like: conv1d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], taps = w.shape[2], filters = y.shape[1] / p->groups;
  const Index spread = (taps - 1) * p->dilation[0] + 1;
  std::vector<float> kernel(static_cast<std::size_t>(y.shape[1] * per_group * spread));
  for (Index filter = 0; filter < y.shape[1] * per_group; ++filter) {
    for (Index k = 0; k < taps; ++k) {
      kernel[static_cast<std::size_t>(filter * spread + k * p->dilation[0])] = w.data[filter * taps + k];
    }
  }
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          for (Index k = 0; k < spread; ++k) {
            const Position in = source(*p, out, {k});
            if (!x.holds(in)) continue;
            sum += kernel[static_cast<std::size_t>((oc * per_group + ic) * spread + k)] *
                   x(n, oc / filters * per_group + ic, in);
          }
        }
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}
