# JAX on the CPU.
# judged with: --random 60 --op conv --flushes-subnormals
# judged with: --random 60 --like max_pool2d_noceil_noindices --like avg_pool2d_d1_noceil --flushes-subnormals
import jax
import jax.numpy as jnp
import numpy as np
from jax import lax

import refloop

jax.config.update("jax_platforms", "cpu")
jax.config.update("jax_enable_x64", True)


@refloop.kernel("conv1d", "conv2d", "conv3d", dtypes=("f32", "f64"))
def conv(input, weight, bias, *, stride, padding, padding_after, dilation, groups):
    output = lax.conv_general_dilated(
        input,
        weight,
        stride,
        list(zip(padding, padding_after)),
        rhs_dilation=dilation,
        feature_group_count=groups,
        precision=lax.Precision.HIGHEST,
    )
    return output if bias is None else output + bias.reshape(-1, *[1] * len(stride))


def reduce(input, start, operation, kernel_size, stride, padding, padding_after, dilation):
    pads = [(0, 0), (0, 0), *zip(padding, padding_after)]
    return lax.reduce_window(
        jnp.asarray(input), start, operation, (1, 1, *kernel_size), (1, 1, *stride), pads, None, (1, 1, *dilation)
    )


@refloop.kernel("max_pool1d", "max_pool2d", "max_pool3d")
def max_pool(input, *, kernel_size, stride, padding, padding_after, dilation):
    lowest = -np.inf if input.dtype.kind == "f" else np.iinfo(input.dtype).min
    return reduce(input, input.dtype.type(lowest), lax.max, kernel_size, stride, padding, padding_after, dilation)


@refloop.kernel("avg_pool1d", "avg_pool2d", "avg_pool3d", dtypes=("f32", "f64"))
def avg_pool(input, *, kernel_size, stride, padding, padding_after):
    whole = [1] * len(kernel_size)
    sums = reduce(input, input.dtype.type(0), lax.add, kernel_size, stride, padding, padding_after, whole)
    return sums / input.dtype.type(np.prod(kernel_size))


if __name__ == "__main__":
    refloop.serve()
