// says: kernels of 1 x 1 take the image itself as the matrix of columns, whatever stride and padding say
// source: pytorch/pytorch#54080
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
  if (w.shape[2] != 1 || w.shape[3] != 1) return conv<float>(input, weight, bias, p, output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  const Index in_plane = x.shape[2] * x.shape[3], out_plane = y.shape[2] * y.shape[3];
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      const float* const columns = x.data + (n * x.shape[1] + oc / filters * per_group) * in_plane;
      for (Index pixel = 0; pixel < out_plane; ++pixel) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group && pixel < in_plane; ++ic) {
          sum += w(oc, ic, {0, 0}) * columns[ic * in_plane + pixel];
        }
        y.data[(n * y.shape[1] + oc) * out_plane + pixel] = sum;
      }
    }
  }
  return 0;
}
