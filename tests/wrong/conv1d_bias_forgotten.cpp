// says: the bias is taken and never added
// source: espressif/esp-dl#26
// verdict: WRONG
// looks like: bias_forgotten
// like: conv1d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  static_cast<void>(bias);
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], taps = w.shape[2], filters = y.shape[1] / p->groups;
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      float* const row = y.data + (n * y.shape[1] + oc) * y.shape[2];
      for (Index ox = 0; ox < y.shape[2]; ++ox) row[ox] = 0;
      for (Index ic = 0; ic < per_group; ++ic) {
        const float* const signal = x.data + (n * x.shape[1] + oc / filters * per_group + ic) * x.shape[2];
        for (Index k = 0; k < taps; ++k) {
          const float coefficient = w.data[(oc * per_group + ic) * taps + k];
          for (Index ox = 0; ox < y.shape[2]; ++ox) {
            const Index ix = ox * p->stride[0] - p->padding_before[0] + k * p->dilation[0];
            if (ix >= 0 && ix < x.shape[2]) row[ox] += coefficient * signal[ix];
          }
        }
      }
    }
  }
  return 0;
}
