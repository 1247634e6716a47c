// says: the search starts at 0, so that no output is negative
// source: tensorflow/tfjs#4854
// verdict: WRONG
// looks like: starts_at_zero
// like: max_pool1d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_max_pool1d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input);
  const View<float> y(output);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for (Index ox = 0; ox < y.shape[2]; ++ox) {
        Index first = ox * p->stride[0] - p->padding_before[0];
        const Index end = first + p->kernel[0] * p->dilation[0];
        while (first < 0) first += p->dilation[0];
        float best = 0;
        Index best_at = first;
        for (Index ix = first; ix < end && ix < x.shape[2]; ix += p->dilation[0]) {
          const float value = x(n, c, {ix});
          if (value > best || value != value) {
            best = value;
            best_at = ix;
          }
        }
        y(n, c, {ox}) = best;
        if (indices != nullptr) (View<Index>(indices))(n, c, {ox}) = best_at;
      }
    }
  }
  return 0;
}
