# ONNX Runtime on the CPU: a model of one node, its weights constants, as converters write it.
# judged with: --random 400 --op conv --op avg_pool --op batch_norm
# judged with: --random 300 --like max_pool2d_d1 --like max_pool3d_d1 --filter _(coded|integer|real|wide)_
# differs: max_pool1d_i1_k1_f32_special_seed25: a NaN is dropped, and alone becomes the lowest number
# differs: max_pool1d_i1_k2_s1_p1_d2_f32_coded_seed0: a window that holds nothing is no -infinity
import os

import numpy as np
import onnxruntime as ort
from onnx import TensorProto, helper, numpy_helper

import refloop

element_types = {
    "float32": TensorProto.FLOAT,
    "float64": TensorProto.DOUBLE,
    "int8": TensorProto.INT8,
    "uint8": TensorProto.UINT8,
}


def run(operator, input, constants=(), outputs=("y",), **attributes):
    """`constants` are the node's other inputs; None is one that is left out."""
    kept = [numpy_helper.from_array(array, f"c{at}") for at, array in enumerate(constants) if array is not None]
    names = ["x", *(f"c{at}" if array is not None else "" for at, array in enumerate(constants))]
    node = helper.make_node(operator, names, outputs, **attributes)
    types = [element_types[input.dtype.name], TensorProto.INT64]
    graph = helper.make_graph(
        [node],
        "case",
        [helper.make_tensor_value_info("x", types[0], input.shape)],
        [helper.make_tensor_value_info(name, kind, None) for name, kind in zip(outputs, types)],
        kept,
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 22)], ir_version=10)
    options = ort.SessionOptions()
    options.intra_op_num_threads = int(os.environ.get("OMP_NUM_THREADS", 0))
    options.log_severity_level = 4
    try:
        session = ort.InferenceSession(model.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except ort.capi.onnxruntime_pybind11_state.NotImplemented as error:
        raise refloop.Unsupported(str(error).splitlines()[0])
    return tuple(session.run(None, {"x": input}))


@refloop.kernel("conv1d", "conv2d", "conv3d", dtypes=("f32", "f64"))
def conv(input, weight, bias, *, stride, padding, padding_after, dilation, groups):
    settings = dict(strides=stride, pads=[*padding, *padding_after], dilations=dilation, group=groups)
    return run("Conv", input, (weight, bias), **settings)


@refloop.kernel("max_pool1d", "max_pool2d", "max_pool3d", dtypes=("f32", "f64", "int8", "uint8"))
def max_pool(input, *, kernel_size, stride, padding, padding_after, dilation, ceil_mode, return_indices):
    settings = dict(strides=stride, pads=[*padding, *padding_after], dilations=dilation, ceil_mode=int(ceil_mode))
    names = ("y", "indices") if return_indices else ("y",)
    output, *indices = run("MaxPool", input, (), names, kernel_shape=kernel_size, **settings)
    return output, *(flat % max(1, np.prod(input.shape[2:])) for flat in indices)  # ONNX counts through all planes


@refloop.kernel("avg_pool1d", "avg_pool2d", "avg_pool3d", dtypes=("f32", "f64"))
def avg_pool(input, *, kernel_size, stride, padding, padding_after, dilation, ceil_mode, count_include_pad):
    settings = dict(strides=stride, pads=[*padding, *padding_after], dilations=dilation, ceil_mode=int(ceil_mode))
    return run("AveragePool", input, kernel_shape=kernel_size, count_include_pad=int(count_include_pad), **settings)


@refloop.kernel("batch_norm1d", "batch_norm2d", "batch_norm3d", dtypes=("f32", "f64"))
def batch_norm(input, weight, bias, running_mean, running_var, *, training, eps):
    if training:
        raise refloop.Unsupported("training")
    if input.dtype == np.float64 and eps != float(np.float32(eps)):
        raise refloop.Unsupported("an eps that a float does not hold")
    channels, dtype = input.shape[1], input.dtype
    weight = np.ones(channels, dtype) if weight is None else weight
    bias = np.zeros(channels, dtype) if bias is None else bias
    return run("BatchNormalization", input, (weight, bias, running_mean, running_var), epsilon=eps)


if __name__ == "__main__":
    refloop.serve()
