/* A fast kernel of your own: conv2d on f32 with AVX2 and fused multiply-add, sixteen output channels at a time.
 *
 *   cc -O2 -shared -fPIC -Iinclude tests/examples/plugin_conv2d_avx2.c -o libmine.so
 *   refloop check --lib ./libmine.so
 *
 * It rounds otherwise than plugin_conv2d.c, but sums that need no rounding are the same. Its functions are marked for
 * AVX2 one by one, so that the file compiles everywhere, and refuses where the processor cannot run them.
 */
#include <stdlib.h>

#include "refloop/plugin.h"

static const char* reason = "";

const char* refloop_reason(void) {
  return reason;
}

static int give_up(int code, const char* why) {
  reason = why;
  return code;
}

#ifdef __x86_64__
#include <immintrin.h>

enum { lanes = 16, columns = 6 }; /* channels in two registers times six columns of the output: twelve registers */

/* The filter's sizes, and what its taps and the next output are apart in the padded image. */
typedef struct {
  int64_t channels, rows, taps, to_channel, to_row, to_tap, to_output;
} Walk;

/* sums[column][lane]: the bias, and all taps of the image times the filters, of which lane lies beside lane. */
__attribute__((target("avx2,fma"))) static void add_tile(const float* image, const float* filters, const float* bias,
                                                         Walk walk, float* sums) {
  __m256 low[columns], high[columns]; /* registers, once the loops over them are unrolled */
#pragma GCC unroll 6
  for (int j = 0; j < columns; ++j) low[j] = _mm256_loadu_ps(bias), high[j] = _mm256_loadu_ps(bias + 8);
  for (int64_t c = 0; c < walk.channels; ++c)
    for (int64_t u = 0; u < walk.rows; ++u)
      for (int64_t v = 0; v < walk.taps; ++v, filters += lanes) {
        const float* from = image + c * walk.to_channel + u * walk.to_row + v * walk.to_tap;
        const __m256 filter_low = _mm256_loadu_ps(filters), filter_high = _mm256_loadu_ps(filters + 8);
#pragma GCC unroll 6
        for (int j = 0; j < columns; ++j) {
          const __m256 value = _mm256_broadcast_ss(from + j * walk.to_output);
          low[j] = _mm256_fmadd_ps(filter_low, value, low[j]);
          high[j] = _mm256_fmadd_ps(filter_high, value, high[j]);
        }
      }
#pragma GCC unroll 6
  for (int j = 0; j < columns; ++j, sums += lanes) _mm256_storeu_ps(sums, low[j]), _mm256_storeu_ps(sums + 8, high[j]);
}

static float* element(const DLTensor* tensor, int64_t a, int64_t b, int64_t c, int64_t d) {
  const int64_t* s = tensor->strides;
  return (float*)tensor->data + a * s[0] + b * s[1] + c * s[2] + d * s[3];
}

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  const int can_run = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  if (!can_run) return give_up(REFLOOP_UNSUPPORTED, "needs a processor with AVX2 and FMA");
  const int is_f32 = input->dtype.code == kDLFloat && input->dtype.bits == 32;
  if (!is_f32) return give_up(REFLOOP_UNSUPPORTED, "takes f32 alone");
  const int64_t all_channels = input->shape[1], top = p->padding_before[0], left = p->padding_before[1];
  const int64_t height = top + input->shape[2] + p->padding_after[0];
  const int64_t width = left + input->shape[3] + p->padding_after[1];
  const int64_t channels = weight->shape[1], rows = weight->shape[2], taps = weight->shape[3];
  const int64_t outputs = weight->shape[0] / p->groups, blocks = (outputs + lanes - 1) / lanes; /* of one group */
  const int64_t filter = channels * rows * taps * lanes;                                        /* of one block */
  const Walk walk = {channels, rows, taps, height * width, p->dilation[0] * width, p->dilation[1], p->stride[1]};

  /* Zeros at first: the padding, and the lanes without a filter. A row's last tile may read a little behind the row. */
  float* image = calloc(all_channels * height * width + columns * p->stride[1], sizeof(float));
  float* filters = calloc(p->groups * blocks * filter, sizeof(float));
  float* start = calloc(p->groups * blocks * lanes, sizeof(float));
  const int has_memory = image && filters && start;
  for (int64_t o = 0; has_memory && o < weight->shape[0]; ++o) {
    const int64_t block = o / outputs * blocks + o % outputs / lanes, lane = o % outputs % lanes;
    if (bias) start[block * lanes + lane] = ((const float*)bias->data)[o];
    float* to = filters + block * filter + lane;
    for (int64_t c = 0; c < channels; ++c)
      for (int64_t u = 0; u < rows; ++u)
        for (int64_t v = 0; v < taps; ++v, to += lanes) *to = *element(weight, o, c, u, v);
  }
  for (int64_t n = 0; has_memory && n < output->shape[0]; ++n) {
    for (int64_t c = 0; c < all_channels; ++c)
      for (int64_t i = 0; i < input->shape[2]; ++i)
        for (int64_t j = 0; j < input->shape[3]; ++j)
          image[(c * height + top + i) * width + left + j] = *element(input, n, c, i, j);
    for (int64_t block = 0; block < p->groups * blocks; ++block) {
      const int64_t group = block / blocks, first = block % blocks * lanes; /* first output of the group's */
      const float* channel = image + group * channels * height * width;
      for (int64_t i = 0; i < output->shape[2]; ++i)
        for (int64_t j = 0; j < output->shape[3]; j += columns) {
          float sums[columns * lanes];
          add_tile(channel + i * p->stride[0] * width + j * p->stride[1], filters + block * filter,
                   start + block * lanes, walk, sums);
          for (int64_t lane = 0; lane < lanes && first + lane < outputs; ++lane)
            for (int64_t k = 0; k < columns && j + k < output->shape[3]; ++k)
              *element(output, n, group * outputs + first + lane, i, j + k) = sums[k * lanes + lane];
        }
    }
  }
  free(image), free(filters), free(start);
  return has_memory ? 0 : give_up(2, "no memory is left");
}

#else

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  (void)input, (void)weight, (void)bias, (void)p, (void)output;
  return give_up(REFLOOP_UNSUPPORTED, "needs an x86-64 processor");
}

#endif
