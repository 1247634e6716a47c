// says: the window is centred, as for an output of the input's size, whatever padding was asked for
// source: dotnet/TorchSharp#496
// verdict: WRONG
// looks like: padding_keeps_the_size
// like: conv2d_f32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  const Index half_y = (w.shape[2] - 1) / 2, half_x = (w.shape[3] - 1) / 2;
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for (Index oy = 0; oy < y.shape[2]; ++oy) {
        for (Index ox = 0; ox < y.shape[3]; ++ox) {
          float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
          for (Index ic = 0; ic < per_group; ++ic) {
            for (Index ky = 0; ky < w.shape[2]; ++ky) {
              for (Index kx = 0; kx < w.shape[3]; ++kx) {
                const Position in{oy * p->stride[0] + ky * p->dilation[0] - half_y,
                                  ox * p->stride[1] + kx * p->dilation[1] - half_x};
                if (x.holds(in)) sum += w(oc, ic, {ky, kx}) * x(n, oc / filters * per_group + ic, in);
              }
            }
          }
          y(n, oc, {oy, ox}) = sum;
        }
      }
    }
  }
  return 0;
}
