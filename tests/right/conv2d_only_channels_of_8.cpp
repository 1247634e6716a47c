// says: takes channels in multiples of eight alone, which it adds in eight lanes
// source: https://github.com/NVIDIA/cutlass/blob/main/include/cutlass/conv/device/implicit_gemm_convolution.h
// verdict: EXACT
// like: conv2d_c8_o8_g1_f32
#include "right/parts.h"

using namespace right;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  const Index per_group = weight->shape[1], outputs = weight->shape[0];
  if (!is_float(input, 32) || per_group % 8 != 0 || outputs % 8 != 0) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < outputs; ++oc) {
      const Index first_channel = oc / (outputs / p->groups) * per_group;
      for_each(y.spatial(), [&](const Position& out) {
        float lanes[8] = {};
        for_each(w.spatial(), [&](const Position& tap) {
          const Position in = corpus::source(*p, out, tap);
          if (!x.holds(in)) return;
          for (Index ic = 0; ic < per_group; ic += 8) {
            for (Index lane = 0; lane < 8; ++lane) {
              lanes[lane] += w(oc, ic + lane, tap) * x(n, first_channel + ic + lane, in);
            }
          }
        });
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0;
        for (const float lane : lanes) sum += lane;
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}

const char* refloop_reason() {
  return "takes f32 whose channels come in multiples of eight";
}
