// says: turns all tensors channels-last, convolves there, and turns the output back
// source: https://github.com/microsoft/onnxruntime/blob/main/onnxruntime/core/optimizer/nhwc_transformer.cc
// verdict: EXACT
#include "right/parts.h"

using namespace right;

namespace {

/// N x C x H x W to N x H x W x C.
template <class T>
std::vector<T> channels_last(const View<const T>& from) {
  std::vector<T> to(from.shape[0] * from.shape[1] * from.shape[2] * from.shape[3]);
  Index at = 0;
  for (Index n = 0; n < from.shape[0]; ++n) {
    for_each(from.spatial(), [&](const Position& position) {
      for (Index c = 0; c < from.shape[1]; ++c) to[at++] = from(n, c, position);
    });
  }
  return to;
}

template <class T>
int conv(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params& p,
         DLTensor* output) {
  const View<const T> x(input), w(weight);
  const View<T> y(output);
  const std::vector<T> nhwc = channels_last(x), ohwi = channels_last(w);
  const Index height = x.shape[2], width = x.shape[3], channels = x.shape[1], outputs = y.shape[1];
  const Index kernel_height = w.shape[2], kernel_width = w.shape[3], per_group = w.shape[1];
  std::vector<Total<T>> pixel(outputs);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for_each(y.spatial(), [&](const Position& out) {
      for (Index oc = 0; oc < outputs; ++oc) {
        pixel[oc] = bias != nullptr ? static_cast<Total<T>>(View<const T>(bias)(oc)) : Total<T>{0};
      }
      for_each(w.spatial(), [&](const Position& tap) {
        const Position in = corpus::source(p, out, tap);
        if (!x.holds(in)) return;
        const T* const cell = nhwc.data() + ((n * height + in[0]) * width + in[1]) * channels;
        for (Index oc = 0; oc < outputs; ++oc) {
          const T* const filter = ohwi.data() + ((oc * kernel_height + tap[0]) * kernel_width + tap[1]) * per_group;
          const T* const from = cell + oc / (outputs / p.groups) * per_group;
          for (Index ic = 0; ic < per_group; ++ic) {
            pixel[oc] += static_cast<Total<T>>(filter[ic]) * static_cast<Total<T>>(from[ic]);
          }
        }
      });
      for (Index oc = 0; oc < outputs; ++oc) y(n, oc, out) = static_cast<T>(pixel[oc]);
    });
  }
  return 0;
}

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return with_any(input, [&](auto zero) { return conv<decltype(zero)>(input, weight, bias, *p, output); });
}
