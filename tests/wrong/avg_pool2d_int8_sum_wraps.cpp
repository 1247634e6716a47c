// says: the sum is kept in the type of the input, where it wraps before it is divided
// source: fastmachinelearning/hls4ml#311
// verdict: WRONG
// looks like: none
// like: avg_pool2d_int8
#include "corpus/kernel.h"

using namespace corpus;

int refloop_avg_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output) {
  if (input->dtype.code != kDLInt || input->dtype.bits != 8) return REFLOOP_UNSUPPORTED;
  const View<const std::int8_t> x(input);
  const View<std::int8_t> y(output);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each(y.spatial(), [&](const Position& out) {
        std::int8_t sum = 0;
        Index count = 0;
        for_each({p->kernel[0], p->kernel[1]}, [&](const Position& tap) {
          const Position in = source(*p, out, tap);
          const bool in_padded = in[0] < x.shape[2] + p->padding_after[0] && in[1] < x.shape[3] + p->padding_after[1];
          if (x.holds(in)) sum = static_cast<std::int8_t>(sum + x(n, c, in));
          if (p->count_include_pad != 0 ? in_padded : x.holds(in)) ++count;
        });
        if (p->divisor_override != 0) count = p->divisor_override;
        y(n, c, out) = static_cast<std::int8_t>(count == 0 ? 0 : sum / count);
      });
    }
  }
  return 0;
}
