// says: the result's rows are written as if they were its columns
// source: torch/cunn#470
// verdict: WRONG
// looks like: output_rows_and_columns_swapped
// like: conv2d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups, rows = y.shape[2], columns = y.shape[3];
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      float* const plane = y.data + (n * y.shape[1] + oc) * rows * columns;
      for (Index oy = 0; oy < rows; ++oy) {
        for (Index ox = 0; ox < columns; ++ox) {
          float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
          for (Index ic = 0; ic < per_group; ++ic) {
            for_each(w.spatial(), [&](const Position& tap) {
              const Position in = source(*p, {oy, ox}, tap);
              if (x.holds(in)) sum += w(oc, ic, tap) * x(n, oc / filters * per_group + ic, in);
            });
          }
          plane[oy + ox * rows] = sum;
        }
      }
    }
  }
  return 0;
}
