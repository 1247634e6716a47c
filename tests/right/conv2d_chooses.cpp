// says: chooses among three kernels: a matrix product for 1x1, planes by themselves for depthwise, loops for the rest
// source: https://github.com/Tencent/ncnn/blob/master/src/layer/x86/convolution_x86.cpp
// verdict: EXACT
// like: conv2d_f32
#include "right/parts.h"

using namespace right;

namespace {

struct Call {
  View<const float> x, w;
  View<float> y;
  const DLTensor* bias;

  float start(Index oc) const { return bias != nullptr ? View<const float>(bias)(oc) : 0; }
};

/// Stride 1, no padding: outputs x channels times channels x pixels.
void matrix_product(const Call& call, Index n) {
  for (Index oc = 0; oc < call.y.shape[1]; ++oc) {
    for_each(call.y.spatial(), [&](const Position& at) { call.y(n, oc, at) = call.start(oc); });
    for (Index ic = 0; ic < call.x.shape[1]; ++ic) {
      const float factor = call.w(oc, ic, {0, 0});
      for_each(call.y.spatial(), [&](const Position& at) { call.y(n, oc, at) += factor * call.x(n, ic, at); });
    }
  }
}

/// Every channel has filters of its own.
void depthwise(const Call& call, const refloop_conv_params& p, Index n) {
  const Index filters = call.y.shape[1] / call.x.shape[1];
  for (Index oc = 0; oc < call.y.shape[1]; ++oc) {
    for_each(call.y.spatial(), [&](const Position& out) {
      float sum = call.start(oc);
      for_each(call.w.spatial(), [&](const Position& tap) {
        const Position in = corpus::source(p, out, tap);
        if (call.x.holds(in)) sum += call.w(oc, 0, tap) * call.x(n, oc / filters, in);
      });
      call.y(n, oc, out) = sum;
    });
  }
}

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const Call call{View<const float>(input), View<const float>(weight), View<float>(output), bias};
  bool plain = p->groups == 1;
  for (int axis = 0; axis < 2; ++axis) {
    plain = plain && weight->shape[axis + 2] == 1 && p->stride[axis] == 1 && p->padding_before[axis] == 0 &&
            p->padding_after[axis] == 0;
  }
  const bool by_channel = p->groups > 1 && p->groups == input->shape[1];
  if (!plain && !by_channel) return corpus::conv<float>(input, weight, bias, p, output);
  for (Index n = 0; n < output->shape[0]; ++n) {
    if (plain) matrix_product(call, n);
    if (by_channel) depthwise(call, *p, n);
  }
  return 0;
}
