// says: takes f32 with 3x3 kernels, stride 1 and padding 1 alone, and says so of all else
// source: https://github.com/Tencent/ncnn/blob/master/src/layer/x86/convolution_3x3.h
// verdict: EXACT
// like: conv2d_k3_s1_p1_d1_f32
#include "right/parts.h"

using namespace right;

namespace {

const char* reason = nullptr;

/// Why the kernel does not take a case, or null.
const char* refusal(const DLTensor* input, const DLTensor* weight, const refloop_conv_params& p) {
  if (!is_float(input, 32)) return "takes f32 alone";
  if (weight->shape[2] != 3 || weight->shape[3] != 3) return "takes 3x3 kernels alone";
  for (int axis = 0; axis < 2; ++axis) {
    if (p.stride[axis] != 1 || p.dilation[axis] != 1) return "takes stride 1 and dilation 1 alone";
    if (p.padding_before[axis] != 1 || p.padding_after[axis] != 1) return "takes padding 1 alone";
  }
  return nullptr;
}

/// to[j] += the three taps of a row of the kernel times three neighbours of a row of the input.
void add_row(const float* from, Index step, Index width, const float taps[3], std::vector<float>& to) {
  for (Index j = 0; j < width; ++j) {
    if (j > 0) to[j] += taps[0] * from[(j - 1) * step];
    to[j] += taps[1] * from[j * step];
    if (j + 1 < width) to[j] += taps[2] * from[(j + 1) * step];
  }
}

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  reason = refusal(input, weight, *p);
  if (reason != nullptr) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], out_per_group = y.shape[1] / p->groups, height = y.shape[2], width = y.shape[3];
  std::vector<float> sums(width);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for (Index row = 0; row < height; ++row) {
        std::fill(sums.begin(), sums.end(), bias != nullptr ? View<const float>(bias)(oc) : 0);
        for (Index ic = 0; ic < per_group; ++ic) {
          for (Index tap = 0; tap < 3; ++tap) {
            const Index in = row + tap - 1;
            if (in < 0 || in >= height) continue;
            const float taps[3] = {w(oc, ic, {tap, 0}), w(oc, ic, {tap, 1}), w(oc, ic, {tap, 2})};
            add_row(&x(n, oc / out_per_group * per_group + ic, {in, 0}), x.strides[3], width, taps, sums);
          }
        }
        for (Index column = 0; column < width; ++column) y(n, oc, {row, column}) = sums[column];
      }
    }
  }
  return 0;
}

const char* refloop_reason() {
  return reason != nullptr ? reason : "";
}
