// says: filters are packed 16 at a time, and the step from block to block leaves out the kernel's height
// source: fujitsu/oneDNN#43
// verdict: WRONG
// looks like: none
// like: conv2d_o20_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  constexpr Index block = 16;
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups, kh = w.shape[2], kw = w.shape[3];
  const Index block_step = block * per_group * kw;
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      const float* const filter = w.data + oc / block * block_step + oc % block * per_group * kh * kw;
      for_each(y.spatial(), [&](const Position& out) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          for_each(w.spatial(), [&](const Position& tap) {
            const Position in = source(*p, out, tap);
            if (!x.holds(in)) return;
            sum += filter[(ic * kh + tap[0]) * kw + tap[1]] * x(n, oc / filters * per_group + ic, in);
          });
        }
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}
