// says: Winograd's F(2, 3): two outputs for four products
// source: Winograd, Arithmetic complexity of computations, SIAM 1980
// verdict: EXACT
// declares: winograd-2x2
// like: conv1d_k3_s1_d1
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
int conv(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params& p,
         DLTensor* output) {
  if (weight->shape[2] != 3 || p.stride[0] != 1 || p.dilation[0] != 1) return REFLOOP_UNSUPPORTED;
  const View<const T> x(input), w(weight);
  const View<T> y(output);
  const Index channels = w.shape[1], filters = y.shape[1] / p.groups;
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      const T start = bias != nullptr ? View<const T>(bias)(oc) : T{0};
      for (Index out = 0; out < y.shape[2]; out += 2) {
        T first = start, second = start;
        for (Index ic = 0; ic < channels; ++ic) {
          T d[4] = {}, g[3] = {};
          for (Index at = 0; at < 4; ++at) {
            const Position in{out + at - p.padding_before[0]};
            if (x.holds(in)) d[at] = x(n, oc / filters * channels + ic, in);
          }
          for (Index tap = 0; tap < 3; ++tap) g[tap] = w(oc, ic, {tap});
          const T m0 = (d[0] - d[2]) * g[0], m1 = (d[1] + d[2]) * ((g[0] + g[1] + g[2]) / 2);
          const T m2 = (d[2] - d[1]) * ((g[0] - g[1] + g[2]) / 2), m3 = (d[1] - d[3]) * g[2];
          first += m0 + m1 + m2;
          second += m1 - m2 - m3;
        }
        y(n, oc, {out}) = first;
        if (out + 1 < y.shape[2]) y(n, oc, {out + 1}) = second;
      }
    }
  }
  return 0;
}

}  // namespace

int refloop_conv1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return with_type<float, double>(input,
                                  [&](auto zero) { return conv<decltype(zero)>(input, weight, bias, *p, output); });
}
