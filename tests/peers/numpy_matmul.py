# NumPy: every window as a view of the padded input, and one product of matrices.
# judged with: --random 900 --op conv --op max_pool --op avg_pool
import numpy as np

import refloop


def windows(x, kernel_size, stride, padding, padding_after, dilation, fill=0):
    """N x C x output sizes x kernel sizes."""
    x = np.pad(x, [(0, 0), (0, 0), *zip(padding, padding_after)], constant_values=fill)
    reach = [(k - 1) * d + 1 for k, d in zip(kernel_size, dilation)]
    every = np.lib.stride_tricks.sliding_window_view(x, reach, axis=tuple(range(2, x.ndim)))
    return every[(..., *(slice(None, None, s) for s in stride), *(slice(None, None, d) for d in dilation))]


@refloop.kernel("conv1d", "conv2d", "conv3d")
def conv(input, weight, bias, *, stride, padding, padding_after, dilation, groups):
    kernel = weight.shape[2:]
    view = windows(input, kernel, stride, padding, padding_after, dilation)
    batch, sizes = input.shape[0], view.shape[2 : 2 + len(kernel)]
    terms = weight[0].size
    split = view.reshape(batch, groups, -1, *view.shape[2:])
    columns = np.moveaxis(split, range(3, 3 + len(kernel)), range(-len(kernel), 0)).reshape(batch, groups, terms, -1)
    output = weight.reshape(groups, -1, terms) @ columns
    output = output.reshape(batch, -1, *sizes)
    return output if bias is None else output + bias.reshape(-1, *[1] * len(kernel))


@refloop.kernel("max_pool1d", "max_pool2d", "max_pool3d")
def max_pool(input, *, kernel_size, stride, padding, padding_after, dilation):
    lowest = -np.inf if input.dtype.kind == "f" else np.iinfo(input.dtype).min
    view = windows(input, kernel_size, stride, padding, padding_after, dilation, lowest)
    return view.max(tuple(range(-len(kernel_size), 0)))


@refloop.kernel("avg_pool1d", "avg_pool2d", "avg_pool3d", dtypes=("f32", "f64"))
def avg_pool(input, *, kernel_size, stride, padding, padding_after):
    view = windows(input, kernel_size, stride, padding, padding_after, [1] * len(kernel_size))
    return view.mean(tuple(range(-len(kernel_size), 0)))


if __name__ == "__main__":
    refloop.serve()
