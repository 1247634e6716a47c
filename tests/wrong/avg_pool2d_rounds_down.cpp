// says: averages of negative integers are rounded down instead of toward zero
// source: analogdevicesinc/ai8x-training#124
// verdict: WRONG
// looks like: none
// like: avg_pool2d_int32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_avg_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output) {
  if (input->dtype.code != kDLInt || input->dtype.bits != 32) return REFLOOP_UNSUPPORTED;
  const View<const std::int32_t> x(input);
  const View<std::int32_t> y(output);
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
        const Index quotient = count == 0 ? 0 : sum / count;
        y(n, c, out) = static_cast<std::int32_t>(sum < 0 && sum != quotient * count ? quotient - 1 : quotient);
      });
    }
  }
  return 0;
}
