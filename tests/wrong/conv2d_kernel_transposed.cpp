// says: a filter's memory is taken as width x height instead of height x width
// source: torch/cunn#470
// verdict: WRONG
// looks like: kernel_transposed
// like: conv2d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups, kh = w.shape[2], kw = w.shape[3];
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          const float* const filter = w.data + (oc * per_group + ic) * kh * kw;
          for (Index ky = 0; ky < kh; ++ky) {
            for (Index kx = 0; kx < kw; ++kx) {
              const Position in = source(*p, out, {ky, kx});
              if (x.holds(in)) sum += filter[ky + kx * kh] * x(n, oc / filters * per_group + ic, in);
            }
          }
        }
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}
