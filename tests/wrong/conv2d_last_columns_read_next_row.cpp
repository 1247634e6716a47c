// says: the left padding is skipped, the right one is not: a vector that begins in a row reads on into the next
// source: mit-han-lab/tinyengine#95
// verdict: WRONG
// looks like: none
// like: conv2d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  constexpr Index lanes = 4;
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups, height = x.shape[2], width = x.shape[3];
  // With room behind the last row, so that vectors may read past it.
  std::vector<float> images(x.data, x.data + x.shape[0] * x.strides[0]);
  images.resize(images.size() + static_cast<std::size_t>(p->padding_after[1]));
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for (Index oy = 0; oy < y.shape[2]; ++oy) {
        for (Index first = 0; first < y.shape[3]; first += lanes) {
          float sums[lanes] = {};
          for (Index ic = 0; ic < per_group; ++ic) {
            for_each(w.spatial(), [&](const Position& tap) {
              const Index iy = oy * p->stride[0] - p->padding_before[0] + tap[0] * p->dilation[0];
              if (iy < 0 || iy >= height) return;
              const Index row = ((n * x.shape[1] + oc / filters * per_group + ic) * height + iy) * width;
              for (Index lane = 0; lane < lanes && first + lane < y.shape[3]; ++lane) {
                const Index ix = (first + lane) * p->stride[1] - p->padding_before[1] + tap[1] * p->dilation[1];
                if (ix >= 0) sums[lane] += w(oc, ic, tap) * images[static_cast<std::size_t>(row + ix)];
              }
            });
          }
          for (Index lane = 0; lane < lanes && first + lane < y.shape[3]; ++lane) {
            y(n, oc, {oy, first + lane}) = sums[lane] + (bias != nullptr ? View<const float>(bias)(oc) : 0.0F);
          }
        }
      }
    }
  }
  return 0;
}
