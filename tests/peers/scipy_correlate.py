# SciPy: one correlation per image and filter, over channels and axes together.
# judged with: --random 300 --op conv
import numpy as np
from scipy import signal

import refloop


@refloop.kernel("conv1d", "conv2d", "conv3d", dtypes=("f32", "f64", "int64", "int32"))
def conv(input, weight, bias, *, stride, padding, padding_after, groups):
    x = np.pad(input, [(0, 0), (0, 0), *zip(padding, padding_after)])
    kept = (0, *(slice(None, None, s) for s in stride))
    channels, outputs = weight.shape[1], weight.shape[0] // groups
    output = [
        [
            signal.correlate(image[o // outputs * channels :][:channels], weight[o], "valid", method="direct")[kept]
            for o in range(len(weight))
        ]
        for image in x
    ]
    sizes = [(n - k) // s + 1 for n, k, s in zip(x.shape[2:], weight.shape[2:], stride)]
    output = np.array(output, input.dtype).reshape(len(x), len(weight), *sizes)
    return output if bias is None else output + bias.reshape(-1, *[1] * len(stride))


if __name__ == "__main__":
    refloop.serve()
