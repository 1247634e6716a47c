"""A convolution in NumPy: tap by tap, all pixels and channels at once."""
import numpy as np
import refloop


@refloop.kernel("conv2d")
def conv2d(input, weight, bias, *, stride, padding, padding_after, dilation, groups):
    x = np.pad(input, [(0, 0), (0, 0), *zip(padding, padding_after)])
    outputs, channels, *kernel = weight.shape
    reach = [(k - 1) * d for k, d in zip(kernel, dilation)]
    size = [(length - r - 1) // s + 1 for length, r, s in zip(x.shape[2:], reach, stride)]
    output = np.zeros((len(x), outputs, *size), x.dtype)
    for o in range(outputs):
        first = o // (outputs // groups) * channels
        for c in range(channels):
            for i in range(kernel[0]):
                for j in range(kernel[1]):
                    rows = slice(i * dilation[0], i * dilation[0] + (size[0] - 1) * stride[0] + 1, stride[0])
                    columns = slice(j * dilation[1], j * dilation[1] + (size[1] - 1) * stride[1] + 1, stride[1])
                    output[:, o] += weight[o, c, i, j] * x[:, first + c, rows, columns]
    return output if bias is None else output + bias[:, None, None]


if __name__ == "__main__":
    refloop.serve()
