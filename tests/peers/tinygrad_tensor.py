# tinygrad on the CPU, without its Winograd.
# judged with: --random 60 --op conv
# judged with: --random 90 --op avg_pool
# judged with: --random 60 --op max_pool --filter _(coded|integer|real|wide)_
# differs: max_pool1d_i4_k2_s1_f32_special_only3_seed191: a NaN is dropped, unless it comes first
# differs: max_pool1d_i1_k1_indices_f32_special_seed64: the index of a NaN lies behind the plane
import os

os.environ["DEV"] = os.environ["DEVICE"] = "CPU"
os.environ["WINO"] = "0"
import numpy as np
from tinygrad import Tensor

import refloop


def pads(padding, padding_after):
    """From the last axis to the first, before and after."""
    return [cells for pair in list(zip(padding, padding_after))[::-1] for cells in pair]


def tensor(array):
    return None if array is None else Tensor(np.ascontiguousarray(array))


@refloop.kernel("conv1d", "conv2d", "conv3d", dtypes=("f32", "f64", "int32"))
def conv(input, weight, bias, *, stride, padding, padding_after, dilation, groups):
    x, w, b = tensor(input), tensor(weight), tensor(bias)
    return x.conv2d(w, b, groups, stride, dilation, pads(padding, padding_after)).numpy()


@refloop.kernel("max_pool1d", "max_pool2d", "max_pool3d", dtypes=("f32", "f64", "int32", "int8", "uint8"))
def max_pool(input, *, kernel_size, stride, padding, padding_after, dilation, ceil_mode, return_indices):
    settings = (kernel_size, stride, dilation, pads(padding, padding_after), ceil_mode)
    if not return_indices:
        return tensor(input).max_pool2d(*settings).numpy()
    output, indices = tensor(input).max_pool2d(*settings, return_indices=True)
    return output.numpy(), indices.numpy().astype(np.int64)


@refloop.kernel("avg_pool1d", "avg_pool2d", "avg_pool3d", dtypes=("f32", "f64"))
def avg_pool(input, *, kernel_size, stride, padding, padding_after, dilation, ceil_mode, count_include_pad):
    settings = (kernel_size, stride, dilation, pads(padding, padding_after))
    return tensor(input).avg_pool2d(*settings, ceil_mode, count_include_pad).numpy()


if __name__ == "__main__":
    refloop.serve()
