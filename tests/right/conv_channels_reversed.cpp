// says: adds the channels from the last to the first, and in each the taps from the last to the first
// source: https://github.com/Dao-AILab/flash-attention/blob/main/csrc/flash_attn/src/flash_fwd_kernel.h
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
      for_each(y.spatial(), [&](const Position& out) {
        Total<T> sum = start;
        for (Index ic = per_group - 1; ic >= 0; --ic) {
          for_each(w.spatial(), [&](const Position& mirrored) {
            Position tap = mirrored;
            for (std::size_t axis = 0; axis < tap.size(); ++axis) tap[axis] = w.shape[axis + 2] - 1 - mirrored[axis];
            const Position in = corpus::source(p, out, tap);
            const T value = x.holds(in) ? x(n, first_channel + ic, in) : T{0};
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
