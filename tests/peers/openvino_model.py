# OpenVINO on the CPU, in float where it would choose bf16 by itself.
# judged with: --random 120 --op conv --op batch_norm --flushes-subnormals
# judged with: --random 120 --like avg_pool1d_noceil --like avg_pool2d_noceil --flushes-subnormals
# judged with: --random 300 --like max_pool2d_d1 --like max_pool3d_d1 --filter _(f32|u?int8)_(coded|integer|real|wide)_
# differs: avg_pool1d_i2_k3_s2_p1_ceil_f32_coded_seed0: cells behind the padding count, not so in torch
# differs: conv1d_i1_k1_s2_p1_d2_bias_f32_integer_seed0: dies where all windows lie in the padding
# differs: max_pool1d_i1_k1_f32_special_seed25: NaN and -infinity become the lowest number
# differs: max_pool1d_i2_k2_s1_p1_d3_f32_coded_seed0: a window that holds nothing is no -infinity
# differs: max_pool1d_i1_k1_d2_int32_real_seed0: integers go through float
import os

import numpy as np
import openvino as ov
from openvino import opset14 as ops

import refloop

core = ov.Core()
core.set_property("CPU", {"INFERENCE_PRECISION_HINT": "f32"})
if os.environ.get("OMP_NUM_THREADS"):
    core.set_property("CPU", {"INFERENCE_NUM_THREADS": int(os.environ["OMP_NUM_THREADS"])})


def run(input, build, outputs=1):
    """The first outputs of what `build` makes of the input's node."""
    parameter = ops.parameter(input.shape, input.dtype)
    model = ov.Model(build(parameter).outputs()[:outputs], [parameter])
    return tuple(core.compile_model(model, "CPU")(input).values())


@refloop.kernel("conv1d", "conv2d", "conv3d", dtypes=("f32",))
def conv(input, weight, bias, *, stride, padding, padding_after, dilation, groups):
    def build(x):
        settings = (stride, padding, padding_after, dilation)
        if groups == 1:
            y = ops.convolution(x, weight, *settings)
        else:
            y = ops.group_convolution(x, weight.reshape(groups, -1, *weight.shape[1:]), *settings)
        return y if bias is None else ops.add(y, bias.reshape(1, -1, *[1] * len(stride)))

    return run(input, build)


def refuse_short(input, kernel_size, padding, padding_after, dilation):
    for n, k, p, q, d in zip(input.shape[2:], kernel_size, padding, padding_after, dilation):
        if (k - 1) * d + 1 > n + p + q:
            raise refloop.Unsupported("a window that reaches beyond the padding, as ceil_mode has it")


@refloop.kernel("max_pool1d", "max_pool2d", "max_pool3d", dtypes=("f32", "int8", "uint8", "int32"))
def max_pool(input, *, kernel_size, stride, padding, padding_after, dilation, ceil_mode, return_indices):
    refuse_short(input, kernel_size, padding, padding_after, dilation)
    rounding = "ceil_torch" if ceil_mode else "floor"
    settings = (stride, dilation, padding, padding_after, kernel_size, rounding, "explicit", "i64", 2)
    return run(input, lambda x: ops.max_pool(x, *settings), 1 + return_indices)


@refloop.kernel("avg_pool1d", "avg_pool2d", "avg_pool3d", dtypes=("f32",))
def avg_pool(input, *, kernel_size, stride, padding, padding_after, ceil_mode, count_include_pad):
    refuse_short(input, kernel_size, padding, padding_after, [1] * len(stride))
    rounding = "ceil_torch" if ceil_mode else "floor"
    settings = (stride, padding, padding_after, kernel_size, not count_include_pad, rounding, "explicit")
    return run(input, lambda x: ops.avg_pool(x, *settings))


@refloop.kernel("batch_norm1d", "batch_norm2d", "batch_norm3d", dtypes=("f32",))
def batch_norm(input, weight, bias, running_mean, running_var, *, training, eps):
    if training:
        raise refloop.Unsupported("training")
    weight = np.ones_like(running_mean) if weight is None else weight
    bias = np.zeros_like(running_mean) if bias is None else bias
    return run(input, lambda x: ops.batch_norm_inference(x, weight, bias, running_mean, running_var, eps))


if __name__ == "__main__":
    refloop.serve()
