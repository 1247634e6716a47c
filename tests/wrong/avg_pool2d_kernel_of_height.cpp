// says: the window is as wide as it is high
// source: FluxML/Flux.jl#700
// verdict: WRONG
// looks like: kernel_of_first_axis
// like: avg_pool2d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_avg_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input);
  const View<float> y(output);
  const Index size = p->kernel[0];
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each(y.spatial(), [&](const Position& out) {
        float sum = 0;
        Index count = 0;
        for_each({size, size}, [&](const Position& tap) {
          const Position in = source(*p, out, tap);
          const bool in_padded = in[0] < x.shape[2] + p->padding_after[0] && in[1] < x.shape[3] + p->padding_after[1];
          if (x.holds(in)) sum += x(n, c, in);
          if (p->count_include_pad != 0 ? in_padded : x.holds(in)) ++count;
        });
        if (p->divisor_override != 0) count = p->divisor_override;
        y(n, c, out) = count == 0 ? 0.0F : sum / static_cast<float>(count);
      });
    }
  }
  return 0;
}
