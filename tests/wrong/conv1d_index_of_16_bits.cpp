// says: taps are counted in 16 bits, and the loop ends where the count turns negative
// source: ml-explore/mlx#2504
// verdict: WRONG
// looks like: index_of_16_bits
// like: conv1d_n1_c1_i33000_o1_k33000_s1_p0_d1_g1_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], taps = w.shape[2], filters = y.shape[1] / p->groups;
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for (Index ox = 0; ox < y.shape[2]; ++ox) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          const float* const signal = x.data + (n * x.shape[1] + oc / filters * per_group + ic) * x.shape[2];
          const float* const filter = w.data + (oc * per_group + ic) * taps;
          for (std::int16_t k = 0; k >= 0 && k < taps; k = static_cast<std::int16_t>(k + 1)) {
            const Index ix = ox * p->stride[0] - p->padding_before[0] + k * p->dilation[0];
            if (ix >= 0 && ix < x.shape[2]) sum += filter[k] * signal[ix];
          }
        }
        y(n, oc, {ox}) = sum;
      }
    }
  }
  return 0;
}
