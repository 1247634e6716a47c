// says: the accumulator outlasts the call, and is cleared between outputs but not before the first
// source: OpenMathLib/OpenBLAS#5917
// verdict: WRONG|UNSTABLE
// looks like: none
// like: conv1d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  static float sum;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  for (Index block = 0; block < y.shape[0] * y.shape[1]; ++block) {
    const Index n = block / y.shape[1], oc = block % y.shape[1];
    for (Index ox = 0; ox < y.shape[2]; ++ox) {
      if (block > 0 || ox > 0) sum = 0;
      if (bias != nullptr) sum += View<const float>(bias)(oc);
      for (Index ic = 0; ic < per_group; ++ic) {
        for (Index k = 0; k < w.shape[2]; ++k) {
          const Position in = source(*p, {ox}, {k});
          if (x.holds(in)) sum += w(oc, ic, {k}) * x(n, oc / filters * per_group + ic, in);
        }
      }
      y(n, oc, {ox}) = sum;
    }
  }
  return 0;
}
