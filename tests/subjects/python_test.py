"""The Python side of a program, asked as the judge asks. Ends with 77, which is SKIPPED to ctest, where NumPy is missing.

python_test.py FOLDER: where refloop.py is.
"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import textwrap
import unittest

try:
    import numpy as np
except ImportError:
    if sys.executable != "/usr/bin/python3" and os.path.exists("/usr/bin/python3"):  # Debian's has Debian's NumPy
        os.execv("/usr/bin/python3", ["/usr/bin/python3", *sys.argv])
    print("SKIPPED: this Python has no NumPy (Debian: python3-numpy)")
    sys.exit(77)

FOLDER = sys.argv.pop(1)
DTYPES = {"float32": "f32", "float64": "f64", "int64": "int64"}


class Program:
    """A program whose kernels are this text, and the judge's end of its line."""

    def __init__(self, text, hello='{"refloop": "0", "protocol": 1}'):
        self.folder = tempfile.TemporaryDirectory()
        source = pathlib.Path(self.folder.name) / "mine.py"
        source.write_text("import os, sys\nimport numpy as np\nimport refloop\n" + textwrap.dedent(text)
                          + "\nif __name__ == '__main__':\n    refloop.serve()\n")
        environment = dict(os.environ, PYTHONPATH=FOLDER, REFLOOP_PROTOCOL="1", PYTHONDONTWRITEBYTECODE="1")
        self.process = subprocess.Popen([sys.executable, source], stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=subprocess.PIPE, text=True, env=environment)
        self.asked = 0
        self.first = self.say(hello)

    def say(self, line):
        self.process.stdin.write(line + "\n")
        self.process.stdin.flush()
        return self.process.stdout.readline().rstrip("\n")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.log = self.process.communicate()[1]
        self.folder.cleanup()

    def ask(self, operator, settings, inputs, **outputs):
        """Outputs begin as the arrays given; gives the answer, and leaves in them what was written."""
        self.asked += 1
        place = pathlib.Path(self.folder.name) / f"tensors{self.asked}"
        memory, entries = bytearray(64), []

        def lay(name, array):
            entries.append({"name": name, "dtype": DTYPES[str(array.dtype)], "shape": array.shape,
                            "strides": [step // array.itemsize for step in array.strides], "file": str(place),
                            "offset": len(memory)})
            span = array if array.base is None else array.base
            memory.extend(span.tobytes() + bytes(64))

        for name, array in [*inputs.items(), *outputs.items()]:
            lay(name, array)
        place.write_bytes(memory)
        answer = self.say(json.dumps({"case": "a case", "operator": operator, "settings": settings,
                                      "inputs": entries[:len(inputs)], "outputs": entries[len(inputs):]}))
        after = place.read_bytes()
        for entry, (name, array) in zip(entries[len(inputs):], outputs.items()):
            span = array if array.base is None else array.base
            span[...] = np.frombuffer(after, array.dtype, span.size, entry["offset"]).reshape(span.shape)
        return answer


def window(**other):
    return {"stride": [1], "padding": [0], "padding_after": [0], "dilation": [1], **other}


def row(*numbers, dtype="float32"):
    return np.array([[numbers]], dtype)


TWICE = """
@refloop.kernel("conv1d")
def conv1d(input, weight, bias, *, stride):
    print("a line of its own")
    os.system("echo from a process; read nothing")
    os.write(1, b"written")
    return 2 * input
"""


class Line(unittest.TestCase):
    def test_names_the_operators(self):
        with Program(TWICE) as program:
            self.assertEqual(program.first, "ok: conv1d")

    def test_is_not_broken_by_what_the_kernel_prints(self):
        with Program(TWICE) as program:
            for round_ in range(2):
                y = row(0, 0)
                self.assertEqual(program.ask("conv1d", window(groups=1), {"input": row(1, 2), "weight": row(1)},
                                             output=y), "ok")
                np.testing.assert_array_equal(y, row(2, 4))
        for part in ("a line of its own", "from a process", "written"):
            self.assertIn(part, program.log)

    def test_is_not_there_by_hand(self):
        with tempfile.TemporaryDirectory() as folder:
            source = pathlib.Path(folder) / "mine.py"
            source.write_text("import refloop\nrefloop.serve()\n")
            done = subprocess.run([sys.executable, source], env=dict(os.environ, PYTHONPATH=FOLDER), text=True,
                                  stdin=subprocess.DEVNULL, capture_output=True)
        self.assertEqual(done.returncode, 1)
        self.assertIn("nobody asks; run refloop check --exec 'python3 ", done.stderr)

    def test_refuses_another_protocol_and_a_program_without_kernels(self):
        with Program(TWICE, '{"protocol": 2}') as program:
            self.assertEqual(program.first, "refloop.py knows protocol 1, not 2")
        with Program("") as program:
            self.assertEqual(program.first, "the program has no function under @refloop.kernel")


def answer_of(body, settings=None, inputs=None, operator="conv1d", arguments="input, weight", mark="", **outputs):
    """Of a kernel with that body."""
    text = f"@refloop.kernel('{operator}'{mark})\ndef kernel({arguments}):\n" + textwrap.indent(body, "    ")
    inputs = inputs or {"input": row(1, 2, 3), "weight": row(1)}
    with Program(text) as program:
        return program.ask(operator, settings or window(groups=1), inputs, **(outputs or {"output": row(0, 0, 0)}))


class Kernel(unittest.TestCase):
    def test_gets_settings_and_tensors_by_name(self):
        body = "return input * (1 if (bias, stride, groups) == (None, (2,), 3) else 0)"
        y = row(0, 0, 0)
        settings = {**window(groups=3), "stride": [2]}
        self.assertEqual(answer_of(body, settings, arguments="input, weight, bias, *, stride, groups", output=y), "ok")
        np.testing.assert_array_equal(y, row(1, 2, 3))

    def test_reads_and_writes_memory_with_gaps(self):
        x, y = np.arange(6, dtype=np.float32).reshape(1, 1, 6), np.full((1, 1, 6), 9, np.float32)
        self.assertEqual(answer_of("return -input", inputs={"input": x[:, :, ::2], "weight": row(1)},
                                   output=y[:, :, ::2]), "ok")
        np.testing.assert_array_equal(y, row(0, 9, -2, 9, -4, 9))

    def test_is_not_asked_for_what_it_has_no_argument_for(self):
        self.assertEqual(answer_of("return input"), "ok")
        for name, value, told in [("stride", [2], "(2,)"), ("padding", [1], "(1,)"), ("padding_after", [1], "(1,)"),
                                  ("dilation", [2], "(2,)"), ("groups", 2, "2")]:
            self.assertEqual(answer_of("return input", {**window(groups=1), name: value}),
                             f"unsupported: the kernel has no argument for {name}, which is {told} here")
        self.assertEqual(answer_of("return input", inputs={"input": row(1), "weight": row(1), "bias": row(1)}),
                         "unsupported: the kernel has no argument for bias")
        padded = {**window(groups=1), "padding": [2], "padding_after": [2]}
        self.assertEqual(answer_of("return input", padded, arguments="input, weight, padding"), "ok")

    def test_of_a_pool_is_told_what_torch_tells_it(self):
        pool = {**window(kernel_size=[2], ceil_mode=False), "stride": [2]}
        x = {"input": row(1, 2, 3)}
        arguments = "input, *, kernel_size"
        self.assertEqual(answer_of("return input", pool, x, "max_pool1d", arguments), "ok")
        self.assertEqual(answer_of("return input", {**pool, "stride": [1]}, x, "max_pool1d", arguments),
                         "unsupported: the kernel has no argument for stride, which is (1,) here")
        both = {"output": row(0, 0, 0), "indices": row(9, 9, 9, dtype="int64")}
        self.assertEqual(answer_of("return input", pool, x, "max_pool1d", arguments, **both),
                         "unsupported: the kernel returns no indices")
        self.assertEqual(answer_of("return input, input.astype(np.int64)", pool, x, "max_pool1d", arguments, **both),
                         "ok")
        np.testing.assert_array_equal(both["indices"], row(1, 2, 3))
        asked = arguments + ", return_indices"
        self.assertEqual(answer_of("return input", pool, x, "max_pool1d", asked, **both),
                         "error: the kernel returned no indices")
        self.assertEqual(answer_of("return (input, None) if not return_indices else None", pool, x, "max_pool1d",
                                   asked), "ok")

    def test_updates_running_statistics_in_place_or_returns_them(self):
        settings = {"training": True, "momentum": 0.1, "eps": 1e-5}
        arguments = "input, *, running_mean, running_var, training"
        x = {"input": row(1, 2), "running_mean": row(5), "running_var": row(6)}
        for body in ("running_mean += 1\nrunning_var[...] = 0\nreturn input",
                     "return input, running_mean + 1, 0 * running_var"):
            due = {"output": row(0, 0), "running_mean": row(5), "running_var": row(6)}
            self.assertEqual(answer_of(body, settings, x, "batch_norm1d", arguments, **due), "ok")
            np.testing.assert_array_equal(due["running_mean"], row(6))
            np.testing.assert_array_equal(due["running_var"], row(0))
        self.assertIn("no argument for momentum, which is 0.3",
                      answer_of("return input", {**settings, "momentum": 0.3}, x, "batch_norm1d", arguments, **due))

    def test_says_what_is_wrong_with_what_it_returned(self):
        for body, said in [("return input[:, :, 1:]", "output is 1x1x2 float32; 1x1x3 float32 is due"),
                           ("return input.astype(float)", "output is 1x1x3 float64; 1x1x3 float32 is due"),
                           ("pass", "the kernel returned None; 1x1x3 float32 is due"),
                           ("return input, input", "the kernel returned 2 arrays; conv1d has output"),
                           ("return 1", "output is a number int64; 1x1x3 float32 is due"),
                           ("raise ValueError('two\\nlines')", "ValueError: two lines"),
                           ("input += 1\nreturn input", "ValueError: output array is read-only")]:
            self.assertEqual(answer_of(body), "error: " + said)

    def test_refuses_what_it_does_not_take(self):
        self.assertEqual(answer_of("raise refloop.Unsupported('only\\nsquares')"), "unsupported: only squares")
        x = {"input": row(1, dtype="float64"), "weight": row(1, dtype="float64")}
        self.assertEqual(answer_of("return input", inputs=x, mark=", dtypes=('f32', 'int8')"),
                         "unsupported: the kernel takes f32, int8; this is f64")
        with Program(TWICE) as program:
            self.assertEqual(program.ask("conv2d", {}, {"input": row(1)}, output=row(1)),
                             "unsupported: there is no kernel for conv2d")

    def test_may_return_arrays_of_any_library(self):
        for body in ("class Tensor:\n    def __array__(self, dtype=None, copy=None): return input + 0\nreturn Tensor()",
                     "class Tensor:\n    def numpy(self): return input + 0\nreturn Tensor()",
                     "class OnDevice:\n    def get(self): return input + 0\nreturn OnDevice()",
                     "a = input + 0\nclass Tensor:\n    def __dlpack__(self, **how): return a.__dlpack__()\n"
                     "    def __dlpack_device__(self): return (1, 0)\nreturn Tensor()"):
            y = row(0, 0, 0)
            self.assertEqual(answer_of(body, output=y), "ok")
            np.testing.assert_array_equal(y, row(1, 2, 3))

    def test_may_be_written_for_torch(self):
        try:
            import torch  # noqa: F401
        except ImportError:
            self.skipTest("torch is not installed")
        y = row(0, 0, 0)
        self.assertEqual(answer_of("return (2 * input).requires_grad_()", mark=", arrays='torch'", output=y), "ok")
        np.testing.assert_array_equal(y, row(2, 4, 6))

    def test_is_refused_where_it_wants_what_nobody_gives(self):
        with Program("@refloop.kernel('conv1d')\ndef mine(input, weight, paddings): pass") as program:
            self.assertEqual(program.first, "")
        self.assertIn("mine: conv1d gives no argument 'paddings' by name; there are input, weight, bias, stride",
                      program.log)
        for mark in ("'conv4d'", "", "'conv1d', dtypes=('float32',)", "'conv1d', arrays='cupy'"):
            with Program(f"@refloop.kernel({mark})\ndef mine(input): pass") as program:
                self.assertEqual(program.first, "")
            self.assertIn("ValueError", program.log)


FOUND = [{"case": "conv1d_i3_k1", "verdict": "EXACT"}, {"case": "conv1d_i3_k2", "verdict": "SKIPPED", "reason": "no"},
         {"case": "conv1d_i9_k3", "verdict": "WRONG", "reason": "7 of 7 elements differ", "smallest": "conv1d_i1_k1",
          "first": {"output": "output", "at": [0, 0, 1], "expected": "1 (0x1)", "got": "2 (0x2)"},
          "explained_by": ["bias_forgotten"], "matters": "bias"}]


class Check(unittest.TestCase):
    """Of results, by a refloop that only writes this report."""

    def run_with(self, results, status, *arguments, **options):
        with tempfile.TemporaryDirectory() as folder:
            stand_in = pathlib.Path(folder) / "refloop"
            report = pathlib.Path(folder) / "canned.json"
            report.write_text(json.dumps({"results": results}))
            write = f'for word; do case $word in json:*) cp {report} "${{word#json:}}";; esac; done\n'
            stand_in.write_text("#!/bin/sh\n" + (write if status != 2 else "") + 'echo "told: $*"\n'
                                + f"exit {status}\n")
            stand_in.chmod(0o755)
            os.environ["REFLOOP"] = str(stand_in)
            sys.path.insert(0, FOLDER)
            import refloop
            return refloop.check(*arguments, **options)

    def test_gives_results_that_tell_their_story(self):
        right, skipped, wrong = self.run_with(FOUND, 1, "./mine --fast", like="conv1d")
        self.assertEqual([str(one) for one in (right, skipped, wrong)], [one["case"] for one in FOUND])
        self.assertEqual([(one.passed, one.failed) for one in (right, skipped, wrong)],
                         [(True, False), (False, False), (False, True)])
        self.assertEqual(wrong.story.splitlines(), [
            "WRONG conv1d_i9_k3", "  7 of 7 elements differ", "  first at output[0, 0, 1]: expected 1 (0x1), got 2 (0x2)",
            "  same bits as the known mistake bias_forgotten", "  smallest case that still fails: conv1d_i1_k1",
            "  it takes: bias", "  again: refloop check --exec './mine --fast' --case conv1d_i1_k1"])

    def test_raises_where_nothing_was_compared(self):
        with self.assertRaisesRegex(RuntimeError, "nothing was compared:\ntold: check --exec mine --tier full"):
            self.run_with(FOUND[1:2], 1, "mine", tier="full")
        with self.assertRaisesRegex(RuntimeError, "^told: check --exec .*python3?[0-9.]* .*python_test.py --tier smoke "
                                                  "--report json:[^ ]* --like a --like b --jobs 1$"):
            self.run_with([], 2, __file__, "--jobs", 1, like=("a", "b"))


if __name__ == "__main__":
    unittest.main()
