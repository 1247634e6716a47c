// says: int8 products are added in 16 bits that saturate, where sums of 32 bits would wrap when they are cut to int8
// source: pytorch/pytorch#17458
// verdict: WRONG
// looks like: none
// like: conv2d_int8
#include <algorithm>

#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (input->dtype.code != kDLInt || input->dtype.bits != 8) return REFLOOP_UNSUPPORTED;
  const View<const std::int8_t> x(input), w(weight);
  const View<std::int8_t> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  const auto add_saturating = [](std::int16_t a, int b) {
    return static_cast<std::int16_t>(std::clamp(a + b, -32768, 32767));
  };
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        std::int16_t sum = bias != nullptr ? View<const std::int8_t>(bias)(oc) : std::int8_t{0};
        for (Index ic = 0; ic < per_group; ++ic) {
          for_each(w.spatial(), [&](const Position& tap) {
            const Position in = source(*p, out, tap);
            if (!x.holds(in)) return;
            sum = add_saturating(sum, w(oc, ic, tap) * x(n, oc / filters * per_group + ic, in));
          });
        }
        y(n, oc, out) = static_cast<std::int8_t>(sum);
      });
    }
  }
  return 0;
}
