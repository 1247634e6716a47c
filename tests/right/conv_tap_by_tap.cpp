// says: adds one tap after the other of all outputs into the output itself, one 1x1 convolution each (kn2row)
// source: https://arxiv.org/abs/1709.03395
// verdict: EXACT
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
int conv(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params& p,
         DLTensor* output) {
  const View<const T> x(input), w(weight);
  const View<T> y(output);
  const Index per_group = w.shape[1], out_per_group = y.shape[1] / p.groups;
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      const Index first_channel = oc / out_per_group * per_group;
      const auto start = bias != nullptr ? static_cast<Total<T>>(View<const T>(bias)(oc)) : Total<T>{0};
      for_each(y.spatial(), [&](const Position& out) { y(n, oc, out) = static_cast<T>(start); });
      for_each(w.spatial(), [&](const Position& tap) {
        for (Index ic = 0; ic < per_group; ++ic) {
          const auto factor = static_cast<Total<T>>(w(oc, ic, tap));
          for_each(y.spatial(), [&](const Position& out) {
            const Position in = corpus::source(p, out, tap);
            if (!x.holds(in)) return;
            const auto value = static_cast<Total<T>>(x(n, first_channel + ic, in));
            y(n, oc, out) = static_cast<T>(static_cast<Total<T>>(y(n, oc, out)) + factor * value);
          });
        }
      });
    }
  }
  return 0;
}

int conv_any(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
             DLTensor* output) {
  return with_any(input, [&](auto zero) { return conv<decltype(zero)>(input, weight, bias, *p, output); });
}

}  // namespace

int refloop_conv1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_any(input, weight, bias, p, output);
}
int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_any(input, weight, bias, p, output);
}
int refloop_conv3d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_any(input, weight, bias, p, output);
}
