// says: the sum is divided by the kernel's size, also where count_include_pad is off
// source: sonos/tract#2851
// verdict: WRONG
// looks like: always_divides_by_kernel
// like: avg_pool2d_excludepad_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_avg_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input);
  const View<float> y(output);
  const Index cells = p->kernel[0] * p->kernel[1];
  const auto divisor = static_cast<float>(p->divisor_override != 0 ? p->divisor_override : cells);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each(y.spatial(), [&](const Position& out) {
        float sum = 0;
        for_each({p->kernel[0], p->kernel[1]}, [&](const Position& tap) {
          const Position in = source(*p, out, tap);
          if (x.holds(in)) sum += x(n, c, in);
        });
        y(n, c, out) = sum / divisor;
      });
    }
  }
  return 0;
}
