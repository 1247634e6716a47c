// says: visits only the taps that read inside the input, where torch multiplies zeros
// source: https://github.com/uxlfoundation/oneDNN/blob/main/src/cpu/ref_convolution.cpp
// verdict: EXACT
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
int conv(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params& p,
         DLTensor* output) {
  const View<const T> x(input), w(weight);
  const View<T> y(output);
  const int axes = output->ndim - 2;
  const Index per_group = w.shape[1], out_per_group = y.shape[1] / p.groups;
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      const Index first_channel = oc / out_per_group * per_group;
      const auto start = bias != nullptr ? static_cast<Total<T>>(View<const T>(bias)(oc)) : Total<T>{0};
      for_each(y.spatial(), [&](const Position& out) {
        Position first(out.size()), box(out.size());
        for (int axis = 0; axis < axes; ++axis) {
          const Range inside = taps_inside(p, axis, out[axis], w.shape[axis + 2], x.shape[axis + 2]);
          first[axis] = inside.first;
          box[axis] = inside.size();
        }
        Total<T> sum = start;
        for (Index ic = 0; ic < per_group; ++ic) {
          for_each(box, [&](const Position& behind_first) {
            Position tap = first;
            for (int axis = 0; axis < axes; ++axis) tap[axis] += behind_first[axis];
            const T value = x(n, first_channel + ic, corpus::source(p, out, tap));
            sum += static_cast<Total<T>>(w(oc, ic, tap)) * static_cast<Total<T>>(value);
          });
        }
        y(n, oc, out) = static_cast<T>(sum);
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
