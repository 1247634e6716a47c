// says: adds each half of the channels into a workspace of its own, and the two at the end
// source: https://github.com/NVIDIA/cutlass/blob/main/include/cutlass/conv/convolution.h
// verdict: EXACT
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
int conv(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params& p,
         DLTensor* output) {
  const View<const T> x(input), w(weight);
  const View<T> y(output);
  Index cells = 1;
  for (const Index extent : y.spatial()) cells *= extent;
  const Index per_group = w.shape[1], out_per_group = y.shape[1] / p.groups;
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      const Index first_channel = oc / out_per_group * per_group;
      const auto start = bias != nullptr ? static_cast<Total<T>>(View<const T>(bias)(oc)) : Total<T>{0};
      std::vector<Total<T>> workspace(2 * cells);
      for (int half = 0; half < 2; ++half) {
        const Index from = half * (per_group / 2), to = half == 0 ? per_group / 2 : per_group;
        for_each(y.spatial(), [&](const Position& out) {
          Total<T>& sum = workspace[half * cells + y.flat(out)];
          for (Index ic = from; ic < to; ++ic) {
            for_each(w.spatial(), [&](const Position& tap) {
              const Position in = corpus::source(p, out, tap);
              const T value = x.holds(in) ? x(n, first_channel + ic, in) : T{0};
              sum += static_cast<Total<T>>(w(oc, ic, tap)) * static_cast<Total<T>>(value);
            });
          }
        });
      }
      for_each(y.spatial(), [&](const Position& out) {
        const Index at = y.flat(out);
        y(n, oc, out) = static_cast<T>(workspace[at] + workspace[cells + at] + start);
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
