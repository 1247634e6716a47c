// says: without count_include_pad the cells are counted, whatever divisor was given
// source: pytorch/executorch#18616
// verdict: WRONG
// looks like: divisor_override_ignored
// like: avg_pool2d_excludepad_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_avg_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input);
  const View<float> y(output);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each(y.spatial(), [&](const Position& out) {
        float sum = 0;
        Index cells = 0, padded_cells = 0;
        for_each({p->kernel[0], p->kernel[1]}, [&](const Position& tap) {
          const Position in = source(*p, out, tap);
          if (in[0] < x.shape[2] + p->padding_after[0] && in[1] < x.shape[3] + p->padding_after[1]) ++padded_cells;
          if (!x.holds(in)) return;
          ++cells;
          sum += x(n, c, in);
        });
        Index divisor = p->divisor_override != 0 ? p->divisor_override : padded_cells;
        if (p->count_include_pad == 0) divisor = cells;
        y(n, c, out) = divisor == 0 ? 0.0F : sum / static_cast<float>(divisor);
      });
    }
  }
  return 0;
}
