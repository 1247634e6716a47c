/* A kernel of your own, as plain as it gets: conv2d on f32, with every setting, in C99.
 *
 *   cc -O2 -shared -fPIC -Iinclude tests/examples/plugin_conv2d.c -o libmine.so
 *   refloop check --lib ./libmine.so
 *
 * input is N x C x H x W, weight O x C/groups x kernel height x kernel width, bias O or NULL, output N x O x H' x W'.
 * Strides say how far apart neighbours on an axis lie, so that any layout of memory will do.
 */
#include "refloop/plugin.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (input->dtype.code != kDLFloat || input->dtype.bits != 32) return REFLOOP_UNSUPPORTED;
  const float *x = input->data, *w = weight->data, *b = bias ? bias->data : 0;
  float* y = output->data;
  const int64_t *xs = input->strides, *ws = weight->strides, *ys = output->strides;
  const int64_t height = input->shape[2], width = input->shape[3];
  const int64_t outputs = weight->shape[0], channels = weight->shape[1]; /* channels: those of one group */

  for (int64_t n = 0; n < output->shape[0]; ++n)
    for (int64_t o = 0; o < outputs; ++o)
      for (int64_t i = 0; i < output->shape[2]; ++i)
        for (int64_t j = 0; j < output->shape[3]; ++j) {
          const int64_t group = o / (outputs / p->groups);
          float sum = b ? b[o] : 0;
          for (int64_t c = 0; c < channels; ++c)
            for (int64_t u = 0; u < weight->shape[2]; ++u)
              for (int64_t v = 0; v < weight->shape[3]; ++v) {
                const int64_t row = i * p->stride[0] - p->padding_before[0] + u * p->dilation[0];
                const int64_t column = j * p->stride[1] - p->padding_before[1] + v * p->dilation[1];
                if (row < 0 || row >= height || column < 0 || column >= width) continue; /* padding is zero */
                sum += w[o * ws[0] + c * ws[1] + u * ws[2] + v * ws[3]] *
                       x[n * xs[0] + (group * channels + c) * xs[1] + row * xs[2] + column * xs[3]];
              }
          y[n * ys[0] + o * ys[1] + i * ys[2] + j * ys[3]] = sum;
        }
  return 0;
}
