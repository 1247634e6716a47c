/* The C ABI of a kernel that refloop checks: a shared library exports any of the functions below, in C99 or C++, and
 *
 *   refloop check --lib ./libmine.so
 *
 * tells whether they are right. A function gets its input tensors first and its outputs last. It returns 0 where the
 * outputs are written, REFLOOP_UNSUPPORTED where it does not take such a case (that is no fault: the case is SKIPPED),
 * and anything else for an error (that is one: every case is legal).
 *
 * What a kernel may rely on:
 * - ndim is dims + 2: N x C x spatial axes, as in torch. Batches of N = 0 and tensors without elements do come; their
 *   data may be NULL. N x C input of batch_norm1d comes as N x C x 1.
 * - strides are never NULL and count elements; byte_offset is 0; the device is kDLCPU. Tensors are dense (row-major)
 *   unless --strided or --channels-last asks for more.
 * - One dtype per call; indices are int64. Data begin at a multiple of 64 bytes, unless --unaligned is given.
 * - Of the arrays of a parameter struct the first `dims` entries count, in the order of the spatial axes (depth,
 * height, width). Padding counts cells before the first and behind the last; dilation 1 means no gaps.
 * - Inputs are not to be written, but running_mean and running_var in training. Outputs come poisoned, and are not to
 *   be written once the call has returned.
 * - One call at a time, always from the same thread.
 *
 * Formulas, shapes and the meaning of every setting: conv.h, pool.h, batch_norm.h. They are torch's.
 */
#ifndef REFLOOP_PLUGIN_H_
#define REFLOOP_PLUGIN_H_

#include <dlpack/dlpack.h>
#include <stdint.h>

/* Exported, whatever -fvisibility says. */
#define REFLOOP_VISIBLE __attribute__((visibility("default")))

#ifdef __cplusplus
extern "C" {
#endif

/* Grows when a struct below grows; structs grow only at their end. The library says with which it was built. */
#define REFLOOP_ABI_VERSION 1
extern REFLOOP_VISIBLE __attribute__((weak)) const int32_t refloop_abi_version;
const int32_t refloop_abi_version = REFLOOP_ABI_VERSION;

/* What a function returns for a case that it does not take. */
#define REFLOOP_UNSUPPORTED 1

/* NOLINTBEGIN(modernize-use-using): C has no other way */
typedef struct {
  int64_t stride[3], padding_before[3], padding_after[3], dilation[3];
  int64_t groups;
} refloop_conv_params;

typedef struct {
  int64_t kernel[3], stride[3], padding_before[3], padding_after[3], dilation[3];
  int64_t divisor_override;  /* of avg_pool; 0: divide by the cells that count */
  int32_t ceil_mode;         /* 0 or 1: an output size is rounded up */
  int32_t count_include_pad; /* of avg_pool, 0 or 1: cells of padding count in the divisor */
} refloop_pool_params;

typedef struct {
  double momentum, eps;
  int32_t training; /* 0: normalize by running_mean and running_var; 1: by the batch's own mean and biased variance */
} refloop_batch_norm_params;
/* NOLINTEND(modernize-use-using) */

/* output[n, oc, out] = bias[oc] + sum over ic, tap of weight[oc, ic, tap] * input[n, group's channel ic,
 * out * stride - padding_before + tap * dilation]; what lies outside the input is 0. */
REFLOOP_VISIBLE int refloop_conv1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias_or_null,
                                   const refloop_conv_params* params, DLTensor* output);
REFLOOP_VISIBLE int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias_or_null,
                                   const refloop_conv_params* params, DLTensor* output);
REFLOOP_VISIBLE int refloop_conv3d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias_or_null,
                                   const refloop_conv_params* params, DLTensor* output);

/* The largest (smallest) value under each window, NaN before any number; padding takes no part. indices, where they are
 * asked for, hold where it stands, flat in its plane: the first of equal values, the last NaN. A window of nothing but
 * padding gives -infinity, or the type's lowest (infinity, or its largest, of min_pool); pool.h has the details. */
REFLOOP_VISIBLE int refloop_max_pool1d(const DLTensor* input, const refloop_pool_params* params, DLTensor* output,
                                       DLTensor* indices_or_null);
REFLOOP_VISIBLE int refloop_max_pool2d(const DLTensor* input, const refloop_pool_params* params, DLTensor* output,
                                       DLTensor* indices_or_null);
REFLOOP_VISIBLE int refloop_max_pool3d(const DLTensor* input, const refloop_pool_params* params, DLTensor* output,
                                       DLTensor* indices_or_null);
REFLOOP_VISIBLE int refloop_min_pool1d(const DLTensor* input, const refloop_pool_params* params, DLTensor* output,
                                       DLTensor* indices_or_null);
REFLOOP_VISIBLE int refloop_min_pool2d(const DLTensor* input, const refloop_pool_params* params, DLTensor* output,
                                       DLTensor* indices_or_null);
REFLOOP_VISIBLE int refloop_min_pool3d(const DLTensor* input, const refloop_pool_params* params, DLTensor* output,
                                       DLTensor* indices_or_null);

/* The sum under each window, divided by divisor_override, or by the number of cells that count. */
REFLOOP_VISIBLE int refloop_avg_pool1d(const DLTensor* input, const refloop_pool_params* params, DLTensor* output);
REFLOOP_VISIBLE int refloop_avg_pool2d(const DLTensor* input, const refloop_pool_params* params, DLTensor* output);
REFLOOP_VISIBLE int refloop_avg_pool3d(const DLTensor* input, const refloop_pool_params* params, DLTensor* output);

/* (input - mean) / sqrt(variance + eps) * weight + bias, channel by channel. In training, running_mean and running_var,
 * where given, become (1 - momentum) * old + momentum * the batch's (the unbiased variance). */
REFLOOP_VISIBLE int refloop_batch_norm1d(const DLTensor* input, const DLTensor* weight_or_null,
                                         const DLTensor* bias_or_null, DLTensor* running_mean_or_null,
                                         DLTensor* running_var_or_null, const refloop_batch_norm_params* params,
                                         DLTensor* output);
REFLOOP_VISIBLE int refloop_batch_norm2d(const DLTensor* input, const DLTensor* weight_or_null,
                                         const DLTensor* bias_or_null, DLTensor* running_mean_or_null,
                                         DLTensor* running_var_or_null, const refloop_batch_norm_params* params,
                                         DLTensor* output);
REFLOOP_VISIBLE int refloop_batch_norm3d(const DLTensor* input, const DLTensor* weight_or_null,
                                         const DLTensor* bias_or_null, DLTensor* running_mean_or_null,
                                         DLTensor* running_var_or_null, const refloop_batch_norm_params* params,
                                         DLTensor* output);

/* Optional: why the last call did not return 0, in one sentence. */
REFLOOP_VISIBLE const char* refloop_reason(void);

#ifdef __cplusplus
}
#endif

#endif /* REFLOOP_PLUGIN_H_ */
