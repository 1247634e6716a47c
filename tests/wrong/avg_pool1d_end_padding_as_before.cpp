// says: the divisor counts as much padding behind the input as there is before it
// source: ROCm/AMDMIGraphX#5007
// verdict: WRONG
// looks like: none
// like: avg_pool1d_k4_p1_q2_d1_int32
#include <algorithm>

#include "corpus/kernel.h"

using namespace corpus;

int refloop_avg_pool1d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output) {
  if (input->dtype.code != kDLInt || input->dtype.bits != 32 || p->dilation[0] != 1) return REFLOOP_UNSUPPORTED;
  const View<const std::int32_t> x(input);
  const View<std::int32_t> y(output);
  const Index pad = p->padding_before[0];
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for (Index ox = 0; ox < y.shape[2]; ++ox) {
        const Index start = ox * p->stride[0] - pad, end = start + p->kernel[0];
        const Index x0 = std::max<Index>(start, 0), x1 = std::min(end, x.shape[2]);
        Index sum = 0;
        for (Index ix = x0; ix < x1; ++ix) sum += x(n, c, {ix});
        Index divisor = p->count_include_pad != 0 ? std::min(end, x.shape[2] + pad) - start : x1 - x0;
        if (p->divisor_override != 0) divisor = p->divisor_override;
        y(n, c, {ox}) = static_cast<std::int32_t>(divisor <= 0 ? 0 : sum / divisor);
      }
    }
  }
  return 0;
}
