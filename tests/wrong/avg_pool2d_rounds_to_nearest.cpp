// says: averages of integers are rounded to the nearest instead of cut
// source: uxlfoundation/oneDNN#560
// verdict: WRONG
// looks like: rounds_to_nearest
// like: avg_pool2d_int16
#include "corpus/kernel.h"

using namespace corpus;

int refloop_avg_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output) {
  if (input->dtype.code != kDLInt || input->dtype.bits != 16) return REFLOOP_UNSUPPORTED;
  const View<const std::int16_t> x(input);
  const View<std::int16_t> y(output);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each(y.spatial(), [&](const Position& out) {
        Index sum = 0, count = 0;
        for_each({p->kernel[0], p->kernel[1]}, [&](const Position& tap) {
          const Position in = source(*p, out, tap);
          const bool in_padded = in[0] < x.shape[2] + p->padding_after[0] && in[1] < x.shape[3] + p->padding_after[1];
          if (x.holds(in)) sum += x(n, c, in);
          if (p->count_include_pad != 0 ? in_padded : x.holds(in)) ++count;
        });
        if (p->divisor_override != 0) count = p->divisor_override;
        const Index rounded = count == 0 ? 0 : (sum > 0 ? sum + count / 2 : sum - count / 2) / count;
        y(n, c, out) = static_cast<std::int16_t>(rounded);
      });
    }
  }
  return 0;
}
