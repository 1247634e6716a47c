// says: the divisor counts the padding before the input, but not the one behind it
// source: microsoft/onnxruntime#24681
// verdict: WRONG
// looks like: end_padding_not_counted
// like: avg_pool3d_int32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_avg_pool3d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output) {
  if (input->dtype.code != kDLInt || input->dtype.bits != 32) return REFLOOP_UNSUPPORTED;
  const View<const std::int32_t> x(input);
  const View<std::int32_t> y(output);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each(y.spatial(), [&](const Position& out) {
        Index sum = 0, count = 0;
        for_each({p->kernel[0], p->kernel[1], p->kernel[2]}, [&](const Position& tap) {
          const Position in = source(*p, out, tap);
          const bool before_end = in[0] < x.shape[2] && in[1] < x.shape[3] && in[2] < x.shape[4];
          if (x.holds(in)) sum += x(n, c, in);
          if (p->count_include_pad != 0 ? before_end : x.holds(in)) ++count;
        });
        if (p->divisor_override != 0) count = p->divisor_override;
        y(n, c, out) = static_cast<std::int32_t>(count == 0 ? 0 : sum / count);
      });
    }
  }
  return 0;
}
