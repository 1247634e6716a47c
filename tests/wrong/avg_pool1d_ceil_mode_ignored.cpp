// says: windows that hang over the end are not computed and stay as the output was cleared
// source: root-project/root#21776
// verdict: WRONG
// looks like: ceil_mode_ignored
// like: avg_pool1d_ceil_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_avg_pool1d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input);
  const View<float> y(output);
  const Index end = x.shape[2] + p->padding_after[0];
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for (Index ox = 0; ox < y.shape[2]; ++ox) {
        y(n, c, {ox}) = 0;
        const Index last = source(*p, {ox}, {p->kernel[0] - 1})[0];
        if (last >= end) continue;
        float sum = 0;
        Index cells = 0;
        for (Index k = 0; k < p->kernel[0]; ++k) {
          const Position in = source(*p, {ox}, {k});
          if (!x.holds(in)) continue;
          ++cells;
          sum += x(n, c, in);
        }
        Index divisor = p->count_include_pad != 0 ? p->kernel[0] : cells;
        if (p->divisor_override != 0) divisor = p->divisor_override;
        if (divisor != 0) y(n, c, {ox}) = sum / static_cast<float>(divisor);
      }
    }
  }
  return 0;
}
