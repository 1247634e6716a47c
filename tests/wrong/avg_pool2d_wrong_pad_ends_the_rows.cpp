// says: where the padding below ends is taken from the padding on the left
// source: microsoft/onnxruntime#27375
// verdict: WRONG
// looks like: none
// like: avg_pool2d_int32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_avg_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output) {
  if (input->dtype.code != kDLInt || input->dtype.bits != 32) return REFLOOP_UNSUPPORTED;
  const View<const std::int32_t> x(input);
  const View<std::int32_t> y(output);
  const Index pads[4] = {p->padding_before[0], p->padding_before[1], p->padding_after[0], p->padding_after[1]};
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each(y.spatial(), [&](const Position& out) {
        Index sum = 0, count = 0;
        for_each({p->kernel[0], p->kernel[1]}, [&](const Position& tap) {
          const Position in = source(*p, out, tap);
          const bool in_padded = in[0] < x.shape[2] + pads[1] && in[1] < x.shape[3] + pads[3];
          if (x.holds(in)) sum += x(n, c, in);
          if (p->count_include_pad != 0 ? in_padded : x.holds(in)) ++count;
        });
        if (p->divisor_override != 0) count = p->divisor_override;
        y(n, c, out) = static_cast<std::int32_t>(count == 0 ? 0 : sum / count);
      });
    }
  }
  return 0;
}
