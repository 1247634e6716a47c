// says: the padded image lives in a buffer that outlasts the call, and its border keeps what an earlier call left there
// source: ARM-software/ComputeLibrary#679
// verdict: WRONG
// looks like: none
// like: conv2d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  static std::vector<float> scratch;  // new memory is zero; that of the call before is not
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups, top = p->padding_before[0];
  const Index height = top + x.shape[2] + p->padding_after[0];
  const Index left = p->padding_before[1], width = left + x.shape[3] + p->padding_after[1];
  scratch.resize(static_cast<std::size_t>(x.shape[1] * height * width));
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < x.shape[1]; ++c) {
      for_each(x.spatial(), [&](const Position& at) {
        scratch[static_cast<std::size_t>((c * height + top + at[0]) * width + left + at[1])] = x(n, c, at);
      });
    }
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          const float* const plane = scratch.data() + (oc / filters * per_group + ic) * height * width;
          for_each(w.spatial(), [&](const Position& tap) {
            sum += w(oc, ic, tap) * plane[(out[0] * p->stride[0] + tap[0] * p->dilation[0]) * width +
                                          out[1] * p->stride[1] + tap[1] * p->dilation[1]];
          });
        }
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}
