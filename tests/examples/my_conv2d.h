#pragma once

#include "refloop/callable.h"

using refloop::Index, refloop::TensorView;

// Any function will do. x is N x C x H x W, w is O x C/groups x kh x kw, bias is null where there is none.
inline void my_conv2d(TensorView<const float, 4> x, TensorView<const float, 4> w, const float* bias,
                      const refloop::ConvSettings<2>& s, TensorView<float, 4> y) {
  const auto [batch, outputs, height, width] = y.extents;
  const auto [_, channels, kh, kw] = w.extents;
  for (Index n = 0; n < batch; ++n)
    for (Index o = 0; o < outputs; ++o)
      for (Index i = 0; i < height; ++i)
        for (Index j = 0; j < width; ++j) {
          float sum = bias != nullptr ? bias[o] : 0;
          for (Index ch = 0; ch < channels; ++ch)
            for (Index u = 0; u < kh; ++u)
              for (Index v = 0; v < kw; ++v) {
                const Index row = i * s.stride[0] - s.padding[0] + u * s.dilation[0];
                const Index column = j * s.stride[1] - s.padding[1] + v * s.dilation[1];
                if (row < 0 || row >= x.extents[2] || column < 0 || column >= x.extents[3]) continue;
                sum += w(o, ch, u, v) * x(n, o / (outputs / s.groups) * channels + ch, row, column);
              }
          y(n, o, i, j) = sum;
        }
}
