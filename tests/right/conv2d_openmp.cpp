// says: shares the output planes out among threads
// source: https://github.com/Tencent/ncnn/blob/master/src/layer/convolution.cpp
// verdict: EXACT
// like: conv2d_f32
// flags: -fopenmp
#include "right/parts.h"

using namespace right;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], out_per_group = y.shape[1] / p->groups, planes = y.shape[0] * y.shape[1];
#pragma omp parallel for
  for (Index plane = 0; plane < planes; ++plane) {
    const Index n = plane / y.shape[1], oc = plane % y.shape[1];
    for_each(y.spatial(), [&](const Position& out) {
      float sum = bias != nullptr ? View<const float>(bias)(oc) : 0;
      for (Index ic = 0; ic < per_group; ++ic) {
        for_each(w.spatial(), [&](const Position& tap) {
          const Position in = corpus::source(*p, out, tap);
          sum += w(oc, ic, tap) * (x.holds(in) ? x(n, oc / out_per_group * per_group + ic, in) : 0);
        });
      }
      y(n, oc, out) = sum;
    });
  }
  return 0;
}
