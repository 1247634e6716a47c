# PyTorch as it is installed, through torch.nn.functional.
# judged with: --random 600 --op conv --op max_pool --op avg_pool --op batch_norm
import torch
import torch.nn.functional as F

import refloop

torch.set_grad_enabled(False)


def compiled(function):
    """torch_compile.py has another."""

    def run(*arguments):
        try:
            return function(*arguments)
        except NotImplementedError as error:  # for this dtype
            raise refloop.Unsupported(error)

    return run


def symmetric(padding, padding_after):
    if padding != padding_after:
        raise refloop.Unsupported("padding that differs before and after")
    return padding


@refloop.kernel("conv1d", "conv2d", "conv3d", arrays="torch")
def conv(input, weight, bias, *, stride, padding, padding_after, dilation, groups):
    function = [F.conv1d, F.conv2d, F.conv3d][len(stride) - 1]
    return compiled(function)(input, weight, bias, stride, symmetric(padding, padding_after), dilation, groups)


@refloop.kernel("max_pool1d", "max_pool2d", "max_pool3d", arrays="torch")
def max_pool(input, *, kernel_size, stride, padding, padding_after, dilation, ceil_mode, return_indices):
    function = [F.max_pool1d, F.max_pool2d, F.max_pool3d][len(stride) - 1]
    settings = (kernel_size, stride, symmetric(padding, padding_after), dilation, ceil_mode, return_indices)
    return compiled(function)(input, *settings)


@refloop.kernel("avg_pool1d", "avg_pool2d", "avg_pool3d", arrays="torch")
def avg_pool(input, *, kernel_size, stride, padding, padding_after, ceil_mode, count_include_pad, divisor_override):
    function = [F.avg_pool1d, F.avg_pool2d, F.avg_pool3d][len(stride) - 1]
    if len(stride) == 3 and any(k > n for k, n in zip(kernel_size, input.shape[2:])):
        raise refloop.Unsupported("a window larger than the input, padded or not")
    settings = (kernel_size, stride, symmetric(padding, padding_after), ceil_mode, count_include_pad)
    if divisor_override is not None:
        if len(stride) == 1:
            raise refloop.Unsupported("divisor_override")
        settings += (divisor_override,)
    return compiled(function)(input, *settings)


@refloop.kernel("batch_norm1d", "batch_norm2d", "batch_norm3d", arrays="torch")
def batch_norm(input, weight, bias, running_mean, running_var, *, training, momentum, eps):
    if training and eps == 0:
        raise refloop.Unsupported("eps 0 in training")
    stats = [None if one is None else one.clone() for one in (running_mean, running_var)]
    output = compiled(F.batch_norm)(input, *stats, weight, bias, training, momentum, eps)
    return (output, *stats) if training and running_mean is not None else output


if __name__ == "__main__":
    refloop.serve()
