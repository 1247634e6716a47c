// says: rows and columns both step by the height's stride
// source: PaddlePaddle/Paddle#20997
// verdict: WRONG
// looks like: stride_of_first_axis
// like: max_pool2d_f32
#include <limits>

#include "corpus/kernel.h"

using namespace corpus;

int refloop_max_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input);
  const View<float> y(output);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each(y.spatial(), [&](const Position& out) {
        Index top = out[0] * p->stride[0] - p->padding_before[0];
        Index left = out[1] * p->stride[0] - p->padding_before[1];
        const Index bottom = top + p->kernel[0] * p->dilation[0], right = left + p->kernel[1] * p->dilation[1];
        while (top < 0) top += p->dilation[0];
        while (left < 0) left += p->dilation[1];
        float best = -std::numeric_limits<float>::infinity();
        Index best_at = top * x.shape[3] + left;
        for (Index iy = top; iy < bottom && iy < x.shape[2]; iy += p->dilation[0]) {
          for (Index ix = left; ix < right && ix < x.shape[3]; ix += p->dilation[1]) {
            const float value = x(n, c, {iy, ix});
            if (value > best || value != value) {
              best = value;
              best_at = iy * x.shape[3] + ix;
            }
          }
        }
        y(n, c, out) = best;
        if (indices != nullptr) (View<Index>(indices))(n, c, out) = best_at;
      });
    }
  }
  return 0;
}
