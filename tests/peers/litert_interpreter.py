# LiteRT (TensorFlow Lite): one operator on NHWC, behind a PAD where there is padding; XNNPACK takes what it can.
# judged with: --random 400 --op conv --flushes-subnormals --filter _(coded|integer|real|wide)_
# judged with: --random 500 --op avg_pool --op max_pool --flushes-subnormals --filter _(coded|integer|real|wide)_
# differs: conv2d_i1x4_k1_f32_special_only3x0_seed764: a NaN makes pixels before it NaN
# differs: max_pool2d_i1_k1_s1x2_f32_special_seed4: NaN becomes -infinity, as XNNPACK clamps what it stores
import os

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from ai_edge_litert.interpreter import Interpreter

import refloop


def make(kind, /, **values):
    thing = getattr(schema, kind + "T")()
    for key, value in values.items():
        setattr(thing, key, value)
    return thing


def run(input, *operators):
    """An operator is its name, options, shape of its output and constants; each takes what the one before gave."""
    if input.size == 0:
        raise refloop.Unsupported("an empty tensor")
    buffers, tensors, codes, nodes = [make("Buffer")], [], [], []

    def tensor(shape, array=None):  # without an array: what is computed, in no buffer
        if array is not None:
            buffers.append(make("Buffer", data=np.frombuffer(array.tobytes(), np.uint8)))
        is_index = array is not None and array.dtype == np.int32
        kind = schema.TensorType.INT32 if is_index else schema.TensorType.FLOAT32
        buffer = 0 if array is None else len(buffers) - 1
        tensors.append(make("Tensor", shape=list(shape), type=kind, buffer=buffer, name=f"t{len(tensors)}"))
        return len(tensors) - 1

    x = np.ascontiguousarray(np.moveaxis(input, 1, -1))
    last = tensor(x.shape)
    for name, options, shape, *constants in operators:
        code = getattr(schema.BuiltinOperator, name)
        codes.append(make("OperatorCode", builtinCode=code, deprecatedBuiltinCode=code, version=1))
        inputs = [last, *(tensor(array.shape, array) for array in constants)]
        last = tensor(shape)
        node = make("Operator", opcodeIndex=len(codes) - 1, inputs=inputs, outputs=[last], builtinOptions=options)
        node.builtinOptionsType = getattr(schema.BuiltinOptions, type(options).__name__[:-1])
        nodes.append(node)
    graph = make("SubGraph", tensors=tensors, inputs=[0], outputs=[last], operators=nodes)
    model = make("Model", version=3, operatorCodes=codes, subgraphs=[graph], buffers=buffers)
    builder = flatbuffers.Builder(1024)
    builder.Finish(model.Pack(builder), b"TFL3")
    threads = int(os.environ.get("OMP_NUM_THREADS", 2))
    interpreter = Interpreter(model_content=bytes(builder.Output()), num_threads=threads)
    interpreter.allocate_tensors()
    interpreter.set_tensor(interpreter.get_input_details()[0]["index"], x)
    interpreter.invoke()
    return np.moveaxis(interpreter.get_tensor(interpreter.get_output_details()[0]["index"]), -1, 1)


def sizes_of(sizes, kernel_size, stride, dilation=(1, 1)):
    return [(n - (k - 1) * d - 1) // s + 1 for n, k, s, d in zip(sizes, kernel_size, stride, dilation)]


@refloop.kernel("conv2d", dtypes=("f32",))
def conv(input, weight, bias, *, stride, padding, padding_after, dilation, groups):
    batch, channels, *sizes = input.shape
    sizes = [n + p + q for n, p, q in zip(sizes, padding, padding_after)]
    pads = np.array([(0, 0), *zip(padding, padding_after), (0, 0)], np.int32)
    pad = [("PAD", make("PadOptions"), [batch, *sizes, channels], pads)] if pads.any() else []
    bias = np.zeros(len(weight), np.float32) if bias is None else bias
    output = [batch, *sizes_of(sizes, weight.shape[2:], stride, dilation), len(weight)]
    settings = dict(strideH=stride[0], strideW=stride[1], dilationHFactor=dilation[0], dilationWFactor=dilation[1])
    settings["padding"] = schema.Padding.VALID
    if groups == channels > 1:
        options = make("DepthwiseConv2DOptions", depthMultiplier=len(weight) // groups, **settings)
        return run(input, *pad, ("DEPTHWISE_CONV_2D", options, output, weight.transpose(1, 2, 3, 0), bias))
    return run(input, *pad, ("CONV_2D", make("Conv2DOptions", **settings), output, weight.transpose(0, 2, 3, 1), bias))


def pool(name, input, kernel_size, stride):
    settings = dict(filterHeight=kernel_size[0], filterWidth=kernel_size[1], strideH=stride[0], strideW=stride[1])
    options = make("Pool2DOptions", padding=schema.Padding.VALID, **settings)
    return run(input, (name, options, [len(input), *sizes_of(input.shape[2:], kernel_size, stride), input.shape[1]]))


@refloop.kernel("max_pool2d", dtypes=("f32",))
def max_pool(input, *, kernel_size, stride):
    return pool("MAX_POOL_2D", input, kernel_size, stride)


@refloop.kernel("avg_pool2d", dtypes=("f32",))
def avg_pool(input, *, kernel_size, stride):
    return pool("AVERAGE_POOL_2D", input, kernel_size, stride)


if __name__ == "__main__":
    refloop.serve()
