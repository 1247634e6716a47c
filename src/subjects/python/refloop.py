"""A kernel in Python, for `refloop check --exec 'python3 mine.py'`:

    import refloop

    @refloop.kernel("conv2d")
    def conv2d(input, weight, bias, *, stride, padding, dilation, groups):
        return ...

    if __name__ == "__main__":
        refloop.serve()

and `refloop.check("mine.py")`, whose results are tests for pytest. `refloop help program` says what a kernel is given
and what it may return. Takes Python 3.9 and NumPy; torch and JAX where a kernel asks for their arrays.
"""
import collections
import inspect
import json
import mmap
import os
import pathlib
import shlex
import shutil
import subprocess
import sys
import tempfile
import traceback

import numpy as np

__all__ = ["Result", "Unsupported", "check", "kernel", "serve"]

PROTOCOL = 1
_DTYPES = {"f64": np.float64, "f32": np.float32, "int64": np.int64, "int32": np.int32, "int16": np.int16,
           "int8": np.int8, "uint8": np.uint8}

_Family = collections.namedtuple("_Family", "inputs settings outputs")
_WINDOW = ("stride", "padding", "padding_after", "dilation")
_FAMILIES = {
    "conv": _Family(("input", "weight", "bias"), (*_WINDOW, "groups"), ("output",)),
    "max_pool": _Family(("input",), ("kernel_size", *_WINDOW, "ceil_mode", "return_indices"), ("output", "indices")),
    "min_pool": _Family(("input",), ("kernel_size", *_WINDOW, "ceil_mode", "return_indices"), ("output", "indices")),
    "avg_pool": _Family(("input",), ("kernel_size", *_WINDOW, "ceil_mode", "count_include_pad", "divisor_override"),
                        ("output",)),
    "batch_norm": _Family(("input", "weight", "bias", "running_mean", "running_var"), ("training", "momentum", "eps"),
                          ("output", "running_mean", "running_var")),
}
_OPERATORS = {f"{name}{dims}d": family for name, family in _FAMILIES.items() for dims in (1, 2, 3)}

# What a setting of a case must be for a kernel that has no argument for it.
_NEUTRAL = {
    "stride": lambda settings: settings.get("kernel_size", (1,) * len(settings["stride"])),
    "padding": lambda settings: (0,) * len(settings["padding"]),
    "padding_after": lambda settings: settings["padding"],
    "dilation": lambda settings: (1,) * len(settings["dilation"]),
    "groups": lambda settings: 1,
    "ceil_mode": lambda settings: False,
    "count_include_pad": lambda settings: True,
    "divisor_override": lambda settings: None,
    "training": lambda settings: False,
    "momentum": lambda settings: 0.1 if settings["training"] else settings["momentum"],
    "eps": lambda settings: 1e-5,
    "return_indices": lambda settings: settings["return_indices"],  # what comes back shows it
}


class Unsupported(Exception):
    """Raised by a kernel for a case that it does not take: that is no fault, the case is SKIPPED."""


class _Fault(Exception):
    """What is wrong with a kernel's answer, in words."""


# ---- arrays of other libraries ----

def _to_torch(array):
    import torch
    return torch.from_numpy(array)


def _to_jax(array):
    import jax.numpy
    given = jax.numpy.asarray(array)
    if given.dtype != array.dtype:
        raise Unsupported(f"JAX has no {array.dtype} here (jax_enable_x64 is off)")
    return given


_ARRAYS = {"numpy": lambda array: array, "torch": _to_torch, "jax": _to_jax}


def _to_numpy(value):
    """Whatever a kernel returned, on whatever device it is."""
    if isinstance(value, np.ndarray):
        return value
    for leave in ("detach", "cpu", "get"):  # autograd; a device as torch has it, and as CuPy has it
        if callable(getattr(value, leave, None)):
            value = getattr(value, leave)()
    if hasattr(value, "__array__"):
        return np.asarray(value)
    if callable(getattr(value, "numpy", None)):
        return value.numpy()
    if hasattr(value, "__dlpack__"):
        return np.from_dlpack(value)
    return np.asarray(value)


def _in_words(array):
    return f"{'x'.join(map(str, array.shape)) or 'a number'} {array.dtype}"


# ---- kernels ----

class _Kernel:
    def __init__(self, function, operator, arrays, dtypes):
        self.function, self.operator, self.family = function, operator, _OPERATORS[operator]
        self.convert, self.dtypes = _ARRAYS[arrays], dtypes
        self.updates_in_place = arrays != "jax"
        parameters = inspect.signature(function).parameters.values()
        known = self.family.inputs + self.family.settings
        for one in parameters:
            by_name = one.kind in (one.POSITIONAL_OR_KEYWORD, one.KEYWORD_ONLY)
            if one.kind == one.POSITIONAL_ONLY or (by_name and one.name not in known and one.default is one.empty):
                raise TypeError(f"{function.__name__}: {operator} gives no argument '{one.name}' by name; there are "
                                + ", ".join(known))
        self.takes_all = any(one.kind == one.VAR_KEYWORD for one in parameters)
        self.takes = {one.name for one in parameters}

    def has(self, name):
        return self.takes_all or name in self.takes

    def arguments(self, settings, inputs, outputs):
        """By name, as far as the kernel has them. Raises Unsupported where one that it does not have matters."""
        given = {}
        for name, value in settings.items():
            if self.has(name):
                given[name] = value
            elif name not in _NEUTRAL or _NEUTRAL[name](settings) != value:
                raise Unsupported(f"the kernel has no argument for {name}, which is {value} here")
        for name in self.family.inputs:
            if self.has(name):
                array = outputs.get(name, inputs.get(name))  # what is updated is to be had where it is written
                given[name] = None if array is None else self.convert(array)
            elif name in inputs:
                raise Unsupported(f"the kernel has no argument for {name}")
        return given

    def run(self, question, memory):
        def arrays(entries):
            return {one["name"]: _array(one, memory(one["file"])) for one in entries}

        dtype = question["inputs"][0]["dtype"]
        if self.dtypes is not None and dtype not in self.dtypes:
            raise Unsupported(f"the kernel takes {', '.join(self.dtypes)}; this is {dtype}")
        inputs, outputs = arrays(question["inputs"]), arrays(question["outputs"])
        if self.convert is _ARRAYS["numpy"]:
            for array in inputs.values():
                array.flags.writeable = False
        settings = {name: tuple(value) if isinstance(value, list) else value
                    for name, value in question["settings"].items()}
        if "indices" in self.family.outputs:
            settings["return_indices"] = "indices" in outputs
        returned = self.function(**self.arguments(settings, inputs, outputs))
        self.put(returned if isinstance(returned, tuple) else (returned,), outputs, inputs)

    def put(self, returned, outputs, inputs):
        names = self.family.outputs
        if returned[0] is None:
            raise _Fault(f"the kernel returned None; {_in_words(outputs['output'])} is due")
        if len(returned) > len(names):
            raise _Fault(f"the kernel returned {len(returned)} arrays; {self.operator} has {', '.join(names)}")
        for name, value in zip(names, returned):
            if name not in outputs or value is None:
                continue
            got, due = _to_numpy(value), outputs[name]
            if got.shape != due.shape or got.dtype != due.dtype:
                raise _Fault(f"{name} is {_in_words(got)}; {_in_words(due)} is due")
            np.copyto(due, got)
        for name in [name for name in outputs if name not in names[:len(returned)]]:
            if name == "indices" and not self.has("return_indices"):
                raise Unsupported("the kernel returns no indices")
            if name not in inputs or not self.updates_in_place:
                raise _Fault(f"the kernel returned no {name}")


_kernels = {}


def kernel(*operators, arrays="numpy", dtypes=None):
    """Makes a function the kernel of these operators. It gets tensors and settings by name, as far as it has them, and
    returns the output, or a tuple of the outputs. `arrays` (numpy, torch, jax) says of which library its tensors are,
    `dtypes` (f64, f32, int64, ...) which it takes.
    """
    unknown = [one for one in operators if one not in _OPERATORS]
    if unknown or not operators:
        raise ValueError(f"refloop has no operator {unknown}; it has {', '.join(_OPERATORS)}")
    if arrays not in _ARRAYS:
        raise ValueError(f"arrays are {', '.join(_ARRAYS)}, not {arrays}")
    dtypes = (dtypes,) if isinstance(dtypes, str) else dtypes
    if any(one not in _DTYPES for one in dtypes or ()):
        raise ValueError(f"dtypes are {', '.join(_DTYPES)}, not {dtypes}")

    def keep(function):
        for operator in operators:
            _kernels[operator] = _Kernel(function, operator, arrays, dtypes)
        return function
    return keep


# ---- the line to the judge ----

def _take_line():
    """Standard input and output, before anything else is printed there: what the program prints is for standard error."""
    asked, answered = (os.fdopen(os.dup(file), mode, encoding="utf-8") for file, mode in ((0, "r"), (1, "w")))
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    os.dup2(2, 1)
    sys.stdout = sys.stderr
    return asked, answered


# The judge says so; processes that the kernel starts have no line.
_line = _take_line() if os.environ.pop("REFLOOP_PROTOCOL", None) else None


class _Memory:
    """The file that the judge shares, mapped once."""

    def __init__(self):
        self.path, self.map = None, None

    def __call__(self, path):
        if path != self.path:
            with open(path, "r+b") as file:
                self.path, self.map = path, mmap.mmap(file.fileno(), 0)
        return self.map


def _array(entry, memory):
    dtype = np.dtype(_DTYPES[entry["dtype"]])
    strides = [stride * dtype.itemsize for stride in entry["strides"]]
    return np.ndarray(entry["shape"], dtype, memory, entry["offset"], strides)


def _one_line(text):
    return " ".join(str(text).split())[:300]


def _answer(question, memory):
    try:
        if question["operator"] not in _kernels:
            raise Unsupported(f"there is no kernel for {question['operator']}")
        _kernels[question["operator"]].run(question, memory)
        return "ok"
    except Unsupported as why:
        return "unsupported: " + _one_line(why)
    except _Fault as fault:
        return "error: " + _one_line(fault)
    except Exception as error:
        traceback.print_exc()
        return f"error: {type(error).__name__}: {_one_line(error)}"


def serve():
    """Answers the judge until it asks no more."""
    if _line is None:
        sys.exit(f"refloop: nobody asks; run refloop check --exec {shlex.quote(f'python3 {sys.argv[0]}')}")
    asked, answered = _line

    def say(text):
        answered.write(text.encode(errors="backslashreplace").decode() + "\n")
        answered.flush()

    hello = json.loads(asked.readline())
    if hello.get("protocol") != PROTOCOL:
        return say(f"refloop.py knows protocol {PROTOCOL}, not {hello.get('protocol')}")
    if not _kernels:
        return say("the program has no function under @refloop.kernel")
    say("ok: " + " ".join(_kernels))
    memory = _Memory()
    for line in asked:
        say(_answer(json.loads(line), memory))


# ---- results for pytest ----

class Result(collections.namedtuple("Result", "case verdict story")):
    """What became of a case. Its text is the case's; `story` is what refloop tells of it."""
    __slots__ = ()

    @property
    def passed(self):
        return self.verdict in ("EXACT", "BOUNDED")

    @property
    def failed(self):
        return self.verdict not in ("EXACT", "BOUNDED", "WEAK", "SKIPPED")

    def __str__(self):
        return self.case


def _program():
    """$REFLOOP, else the program of the installation that this file belongs to, else the one on PATH."""
    beside = pathlib.Path(__file__).resolve().parents[3] / "bin" / "refloop"
    found = os.environ.get("REFLOOP") or (str(beside) if beside.exists() else shutil.which("refloop"))
    if not found:
        raise FileNotFoundError("there is no program refloop on PATH; the variable REFLOOP says where it is")
    return found


def _command(what):
    """A Python file is run by the Python that runs the tests."""
    if not pathlib.Path(what).is_file():
        return what
    return shlex.join(([sys.executable] if str(what).endswith(".py") else []) + [str(pathlib.Path(what).absolute())])


def _story(one, command):
    case = one.get("smallest", one["case"])
    first = one.get("first")
    says = [f"{one['verdict']} {one['case']}", one.get("reason"),
            first and f"first at {first['output']}{first['at']}: expected {first['expected']}, got {first['got']}",
            *(f"same bits as the known mistake {name}" for name in one.get("explained_by", ())),
            "smallest" in one and f"smallest case that still fails: {case}",
            "matters" in one and f"it takes: {one['matters']}",
            f"again: refloop check --exec {shlex.quote(command)} --case {case}"]
    return "\n  ".join(line for line in says if line)


def check(what, *options, like=(), tier="smoke"):
    """Runs `refloop check` once and gives its results. `what` is a program as --exec takes it, or a Python file; `like`
    is a pattern or several, `options` are further words of the command line. Raises RuntimeError where nothing could
    be compared, with the reason.
    """
    command = _command(what)
    with tempfile.TemporaryDirectory() as folder:
        report = pathlib.Path(folder) / "report.json"
        words = [_program(), "check", "--exec", command, "--tier", tier, "--report", f"json:{report}"]
        for pattern in (like,) if isinstance(like, str) else like:
            words += ["--like", pattern]
        done = subprocess.run([*words, *map(str, options)], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode not in (0, 1) or not report.exists():
            raise RuntimeError(done.stdout.strip() or f"{words[0]} ended with exit status {done.returncode}")
        found = json.loads(report.read_text())["results"]
    results = [Result(one["case"], one["verdict"], _story(one, command)) for one in found]
    if not any(one.passed or one.failed for one in results):
        raise RuntimeError(f"nothing was compared:\n{done.stdout.strip()}")
    return results
