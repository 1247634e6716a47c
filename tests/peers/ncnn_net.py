# ncnn: a net of one layer, image by image, all in float and without Winograd.
# judged with: --random 200 --op conv
# judged with: --random 300 --op avg_pool --op batch_norm
# judged with: --random 300 --op max_pool --filter _(coded|integer|real|wide)_
# differs: max_pool1d_i11_k2_s1_f32_special_only9_seed0: a NaN is dropped, or not, by where it stands
import os
import tempfile

import ncnn
import numpy as np

import refloop


def run(input, layer, numbers, axes, constants):
    """`axes` are settings per axis: their numbers for ncnn are N, N + 10, N + 20 from the last axis on."""
    if input.shape[0] == 0:
        raise refloop.Unsupported("no image")
    for number, values in axes.items():
        numbers |= {number + 10 * at: value for at, value in enumerate(values[::-1])}
    words = " ".join(f"{number}={value}" for number, value in numbers.items())
    net = ncnn.Net()
    net.opt.num_threads = int(os.environ.get("OMP_NUM_THREADS", 2))
    net.opt.openmp_blocktime = 0  # milliseconds that its threads would wait for more
    for name in dir(net.opt):
        if name.startswith(("use_fp16", "use_bf16", "use_winograd")):
            setattr(net.opt, name, False)
    with tempfile.NamedTemporaryFile() as file:
        file.write(b"".join(constants))
        file.flush()
        net.load_param_mem(f"7767517\n2 2\nInput x 0 1 x\n{layer} y 1 1 x y {words}\n")
        net.load_model(file.name)
    outputs = []
    for image in input:
        extractor = net.create_extractor()
        extractor.input("x", ncnn.Mat(np.ascontiguousarray(image)).clone())
        failed, output = extractor.extract("y")
        if failed:
            raise RuntimeError(f"extract returned {failed}")
        outputs.append(np.array(output))
    return np.stack(outputs)


def padding_numbers(before, after, first, lasts):
    """Before: first, first + 10, ...; after: the numbers in `lasts`."""
    numbers = {first + 10 * at: value for at, value in enumerate(before[::-1])}
    return numbers | dict(zip(lasts, after[::-1]))


@refloop.kernel("conv1d", "conv2d", "conv3d", dtypes=("f32",))
def conv(input, weight, bias, *, stride, padding, padding_after, dilation, groups):
    kind = ("DepthWise" if groups > 1 else "") + {1: "1D", 2: "", 3: "3D"}[len(stride)]
    numbers = {0: weight.shape[0], 5: int(bias is not None), 6: weight.size, 7: groups}
    numbers |= padding_numbers(padding, padding_after, 4, (15, 16, 17))
    constants = [bytes(4), weight.tobytes(), b"" if bias is None else bias.tobytes()]
    return run(input, "Convolution" + kind, numbers, {1: weight.shape[2:], 2: dilation, 3: stride}, constants)


def pool(input, numbers, kernel_size, stride, padding, padding_after):
    kind = {1: "1D", 2: "", 3: "3D"}[len(stride)]
    numbers |= {5: 1} | padding_numbers(padding, padding_after, 3, (14, 15, 16))
    return run(input, "Pooling" + kind, numbers, {1: kernel_size, 2: stride}, [])


@refloop.kernel("max_pool1d", "max_pool2d", "max_pool3d", dtypes=("f32",))
def max_pool(input, *, kernel_size, stride, padding, padding_after):
    return pool(input, {0: 0}, kernel_size, stride, padding, padding_after)


@refloop.kernel("avg_pool1d", "avg_pool2d", "avg_pool3d", dtypes=("f32",))
def avg_pool(input, *, kernel_size, stride, padding, padding_after, count_include_pad):
    return pool(input, {0: 1, 6: int(count_include_pad)}, kernel_size, stride, padding, padding_after)


@refloop.kernel("batch_norm1d", "batch_norm2d", "batch_norm3d", dtypes=("f32",))
def batch_norm(input, weight, bias, running_mean, running_var, *, training, eps):
    if training:
        raise refloop.Unsupported("training")
    weight = np.ones_like(running_mean) if weight is None else weight
    bias = np.zeros_like(running_mean) if bias is None else bias
    constants = [one.tobytes() for one in (weight, running_mean, running_var, bias)]
    return run(input, "BatchNorm", {0: len(weight), 1: eps}, {}, constants)


if __name__ == "__main__":
    refloop.serve()
