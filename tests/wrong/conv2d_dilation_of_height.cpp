// says: one dilation, the height's, is handed on for both axes
// source: deepjavalibrary/djl#384
// verdict: WRONG
// looks like: dilation_of_first_axis
// like: conv2d_f32
#include "corpus/kernel.h"

using namespace corpus;

namespace {

struct Descriptor {
  Index stride_y, stride_x, top, left, dilation;
};

void run(const View<const float>& x, const View<const float>& w, const DLTensor* bias, Index groups,
         const Descriptor& d, const View<float>& y) {
  const Index per_group = w.shape[1], filters = y.shape[1] / groups;
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          for_each(w.spatial(), [&](const Position& tap) {
            const Position in{out[0] * d.stride_y - d.top + tap[0] * d.dilation,
                              out[1] * d.stride_x - d.left + tap[1] * d.dilation};
            if (x.holds(in)) sum += w(oc, ic, tap) * x(n, oc / filters * per_group + ic, in);
          });
        }
        y(n, oc, out) = sum;
      });
    }
  }
}

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const Descriptor descriptor{p->stride[0], p->stride[1], p->padding_before[0], p->padding_before[1], p->dilation[0]};
  run(View<const float>(input), View<const float>(weight), bias, p->groups, descriptor, View<float>(output));
  return 0;
}
