// says: pads into memory that the thread keeps from call to call, and that only grows
// source: https://github.com/pytorch/FBGEMM/blob/main/src/ExecuteKernelU8S8.cc
// verdict: EXACT
// like: conv2d_f32
#include "right/parts.h"

using namespace right;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index height = x.shape[2] + p->padding_before[0] + p->padding_after[0];
  const Index width = x.shape[3] + p->padding_before[1] + p->padding_after[1];
  const Index per_group = w.shape[1], out_per_group = y.shape[1] / p->groups;
  thread_local std::vector<float> scratch;
  const auto cells = static_cast<std::size_t>(x.shape[1] * height * width);
  if (scratch.size() < cells) scratch.resize(cells);  // the cells of the call before are all written over
  for (Index n = 0; n < y.shape[0]; ++n) {
    Index cell = 0;
    for (Index c = 0; c < x.shape[1]; ++c) {
      for_each({height, width}, [&](const Position& at) {
        const Position in{at[0] - p->padding_before[0], at[1] - p->padding_before[1]};
        scratch[cell++] = x.holds(in) ? x(n, c, in) : 0;
      });
    }
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0;
        for (Index ic = 0; ic < per_group; ++ic) {
          const float* const plane = scratch.data() + (oc / out_per_group * per_group + ic) * height * width;
          for_each(w.spatial(), [&](const Position& tap) {
            const Index row = out[0] * p->stride[0] + tap[0] * p->dilation[0];
            sum += w(oc, ic, tap) * plane[row * width + out[1] * p->stride[1] + tap[1] * p->dilation[1]];
          });
        }
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}
