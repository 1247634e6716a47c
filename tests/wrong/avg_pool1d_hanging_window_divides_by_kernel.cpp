// says: with count_include_pad a window that hangs over the padding's end is divided by the kernel's size all the same
// source: robertknight/rten#1456
// verdict: WRONG
// looks like: always_divides_by_kernel
// like: avg_pool1d_ceil_int32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_avg_pool1d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output) {
  if (input->dtype.code != kDLInt || input->dtype.bits != 32) return REFLOOP_UNSUPPORTED;
  const View<const std::int32_t> x(input);
  const View<std::int32_t> y(output);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for (Index ox = 0; ox < y.shape[2]; ++ox) {
        Index sum = 0, cells = 0;
        for (Index k = 0; k < p->kernel[0]; ++k) {
          const Position in = source(*p, {ox}, {k});
          if (!x.holds(in)) continue;
          ++cells;
          sum += x(n, c, in);
        }
        Index divisor = p->count_include_pad != 0 ? p->kernel[0] : cells;
        if (p->divisor_override != 0) divisor = p->divisor_override;
        y(n, c, {ox}) = static_cast<std::int32_t>(divisor == 0 ? 0 : sum / divisor);
      }
    }
  }
  return 0;
}
