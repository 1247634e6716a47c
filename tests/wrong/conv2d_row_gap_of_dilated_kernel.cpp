// says: from a row of taps to the next the table of offsets steps by the kernel's extent, not by where the row ended
// source: Tencent/ncnn#75
// verdict: WRONG
// looks like: none
// like: conv2d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups, kh = w.shape[2], kw = w.shape[3];
  const Index top = p->padding_before[0], height = top + x.shape[2] + p->padding_after[0];
  const Index left = p->padding_before[1], width = left + x.shape[3] + p->padding_after[1];
  std::vector<Index> offsets;
  const Index extent = p->dilation[1] * (kw - 1) + 1, gap = width * p->dilation[0] - extent;
  for (Index ky = 0, at = 0; ky < kh; ++ky, at += gap) {
    for (Index kx = 0; kx < kw; ++kx, at += p->dilation[1]) offsets.push_back(at);
  }
  const Index room = kh * p->dilation[1];  // behind the last plane, for what is read too far
  for (Index n = 0; n < y.shape[0]; ++n) {
    std::vector<float> padded(static_cast<std::size_t>(x.shape[1] * height * width + room));
    for (Index c = 0; c < x.shape[1]; ++c) {
      for_each(x.spatial(), [&](const Position& at) {
        padded[static_cast<std::size_t>((c * height + top + at[0]) * width + left + at[1])] = x(n, c, at);
      });
    }
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          const float* const window = padded.data() +
                                      ((oc / filters * per_group + ic) * height + out[0] * p->stride[0]) * width +
                                      out[1] * p->stride[1];
          const float* coefficient = w.data + (oc * per_group + ic) * kh * kw;
          for (const Index offset : offsets) sum += *coefficient++ * window[offset];
        }
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}
