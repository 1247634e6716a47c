// refloop check --exec, as somebody with a kernel in Python meets it.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "cli/program.h"

namespace refloop::cli {
namespace {

namespace fs = std::filesystem;

std::string text_of(const fs::path& path) {
  std::ifstream file(path);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

class Exec : public InOwnShell {
 protected:
  Printed check(const std::string& arguments) const { return run_here("refloop check " + arguments); }
  /// The example of the README, with one part of it replaced wherever it stands.
  void write_example(const std::string& part = "", const std::string& other = "") const {
    std::string text = text_of(REFLOOP_SOURCE "/tests/examples/numpy_conv2d.py");
    for (std::size_t at = text.find(part); !part.empty() && at != std::string::npos; at = text.find(part, at)) {
      text.replace(at, part.size(), other);
      at += other.size();
    }
    write("mine.py", text);
  }
};

/// Without NumPy.
constexpr const char* refuses =
    "#!/bin/sh\nread hello; echo ok; while read -r line; do echo unsupported: not today; done\n";

TEST_F(Exec, OfARightKernelInNumPySaysExact) {
  const std::string python = python_with("numpy");
  if (python.empty()) GTEST_SKIP() << "there is no Python with NumPy here (Debian: python3-numpy)";
  write_example();
  const Printed printed = check("--exec '" + python + " mine.py' --random 40 --jobs 2");
  EXPECT_EQ(printed.status, 0) << printed.text;
  for (const char* part : {" mine.py has conv2d\n", "conv2d: takes cases like conv2d\n", "conv2d    mine.py",
                           " mine.py agree in every bit that was compared"}) {
    EXPECT_TRUE(contains(printed.text, part)) << part << "\n" << printed.text;
  }
}

TEST_F(Exec, OfAWrongLineTellsItsStoryAndHowToSeeItAgain) {
  const std::string python = python_with("numpy");
  if (python.empty()) GTEST_SKIP() << "there is no Python with NumPy here (Debian: python3-numpy)";
  write_example("j * dilation[1]", "j");
  const std::string kernel = "--exec '" + python + " mine.py'";
  const Printed printed = check(kernel + " --case conv2d_n2_c4_i9x11_o6_k3_p1_d2_g2_bias_integer_seed3");
  EXPECT_EQ(printed.status, 1) << printed.text;
  for (const std::string& part : {std::string("same bits as the known mistake dilation_ignored_on_last_axis"),
                                  std::string("smallest case that still fails: conv2d_"),
                                  std::string("dilation (d1x2, "), " again: refloop check " + kernel + " --case "}) {
    EXPECT_TRUE(contains(printed.text, part)) << part << "\n" << printed.text;
  }
  std::smatch again;
  ASSERT_TRUE(std::regex_search(printed.text, again, std::regex("again: (refloop check .*)"))) << printed.text;
  EXPECT_EQ(run_here(again[1]).status, 1);
}

TEST_F(Exec, RefusesInASentenceWhatCannotBeAsked) {
  const auto refusal = [&](const std::string& arguments) {
    const Printed printed = check(arguments);
    EXPECT_EQ(printed.status, 2) << printed.text;
    return printed.text;
  };
  write("raises.py", "import no_such_module\n");
  EXPECT_EQ(refusal("--exec 'echo Hello'"),
            "refloop: 'echo Hello' begins with 'Hello', where `ok` or `ok: conv2d` is due: standard output is its line "
            "to refloop, what else it prints is for standard error; see `refloop help program`\n");
  EXPECT_EQ(refusal("--exec 'python3 raises.py'"),
            "refloop: 'python3 raises.py' ended before it answered its first line: ended the process, with exit status "
            "1: ModuleNotFoundError: No module named 'no_such_module'\n");
  EXPECT_EQ(refusal("--exec 'sleep 100' --time-limit 0.05"),
            "refloop: 'sleep 100' did not answer its first line within 0.3 s; --time-limit gives it more, and `refloop "
            "help program` says what it is to answer\n");
  EXPECT_EQ(refusal("--exec ./missing"),
            "refloop: './missing' ended before it answered its first line: ended the process, with exit status 127: "
            "sh: 1: exec: ./missing: not found\n");
  EXPECT_TRUE(contains(refusal("--exec true --sandbox"), "--sandbox is for libraries"));
  EXPECT_TRUE(contains(refusal("--exec true --lib libmine.so"), "refloop check --help says what is accepted"));
}

TEST_F(Exec, OfAProgramThatStopsAnsweringSaysHungAndRunsOn) {
  const std::string python = python_with("numpy");
  if (python.empty()) GTEST_SKIP() << "there is no Python with NumPy here (Debian: python3-numpy)";
  write_example("    x = np.pad", "    while kernel_is_2(weight): pass\n    x = np.pad");
  std::string text = text_of(folder_ / "mine.py");
  text.replace(text.find("@refloop"), 0, "def kernel_is_2(w):\n    return w.shape[3] == 2\n\n\n");
  write("mine.py", text);
  const Printed printed = check("--exec '" + python +
                                " mine.py' --time-limit 2 --jobs 1 --case conv2d_i5_k3 --case "
                                "conv2d_i5_k2 --case conv2d_i6_k3 --report json:report.json");
  EXPECT_EQ(printed.status, 1) << printed.text;
  EXPECT_TRUE(contains(printed.text, "HUNG conv2d_i5_k2_f32_integer_seed0 (mine.py)\n  no answer within 2 s"))
      << printed.text;
  const std::string report = text_of(folder_ / "report.json");
  EXPECT_TRUE(std::regex_search(report, std::regex("\"EXACT\": 2"))) << report;
  EXPECT_TRUE(std::regex_search(report, std::regex("\"HUNG\": 1"))) << report;
}

TEST_F(Exec, AsksForEachOperatorWhereTheProgramNamesNone) {
  write("mine.sh", refuses);
  const Printed printed = check("--exec 'sh mine.sh' --op conv --tier smoke");
  EXPECT_EQ(printed.status, 1) << printed.text;
  EXPECT_TRUE(contains(printed.text, "sh mine.sh names no operators, and is asked for each\n")) << printed.text;
  EXPECT_TRUE(contains(printed.text, "takes none of the cases that were tried (not today)")) << printed.text;
  EXPECT_TRUE(contains(printed.text, "nothing was compared")) << printed.text;
}

/// Copies a row, which is a convolution with a kernel of one 1.
TEST_F(Exec, WantsNothingOfOperatorsThatWereNotNamedAndAreNotTaken) {
  write("mine.py", R"(import json, sys
sys.stdin.readline()
print("ok", flush=True)
for line in sys.stdin:
    q = json.loads(line)
    if q["operator"] != "conv1d":
        print("unsupported: not today", flush=True)
        continue
    (x, w), y = q["inputs"], q["outputs"][0]
    with open(x["file"], "r+b") as file:
        file.seek(w["offset"])
        weight = file.read(8)
        file.seek(x["offset"])
        row = file.read(8 * x["shape"][2])
        file.seek(y["offset"])
        numbers = [(int.from_bytes(row[at:at + 8], "little") * int.from_bytes(weight, "little")) % 2**64
                   for at in range(0, len(row), 8)]
        file.write(b"".join(number.to_bytes(8, "little") for number in numbers))
    print("ok", flush=True)
)");
  const Printed printed = check(
      "--exec 'python3 mine.py' --random 20 --like "
      "conv1d_n1_c1_o1_k1_s1_p0_q0_g1_d1_nobias_dense_offset0_int64_integer");
  EXPECT_EQ(printed.status, 0) << printed.text;
  EXPECT_TRUE(contains(printed.text, "conv1d    mine.py     20\n")) << printed.text;
}

TEST_F(Exec, LeavesNothingBehindWhenItIsKilled) {
  write("hangs.sh", "echo $$ > pid; read hello; echo ok; read -r line; echo \"$line\" > asked; exec sleep 600\n");
  const Printed printed = run_here(
      "refloop check --exec 'sh hangs.sh' --case conv2d_i5_k3 > /dev/null 2>&1 & judge=$!\n"
      "until [ -s '" +
      folder_.string() +
      "/asked' ]; do sleep 0.05; done\n"
      "cd '" +
      folder_.string() +
      "'\n"
      "folder=$(sed 's/.*\"file\":\"//; s,/tensors.*,,' asked)\n"
      "[ -d \"$folder\" ] && echo there\n"
      "kill -KILL $judge\n"
      "for round in 1 2 3 4 5 6 7 8 9 10; do [ -d \"$folder\" ] && sleep 0.1; done\n"
      "[ -d \"$folder\" ] || echo gone\n"
      "[ -z \"$(tr -d '\\0' < /proc/$(cat pid)/cmdline)\" ] 2> /dev/null && echo ended");  // or a zombie of nobody's
  EXPECT_EQ(printed.text, "there\ngone\nended\n");
}

TEST_F(Exec, IsWhatOrderAsksToo) {
  const std::string python = python_with("numpy");
  if (python.empty()) GTEST_SKIP() << "there is no Python with NumPy here (Debian: python3-numpy)";
  write_example();
  const Printed printed = run_here("refloop order conv2d_c2_i5_o2_k3_p1_bias_f32 --exec '" + python + " mine.py'");
  EXPECT_EQ(printed.status, 0) << printed.text;
  EXPECT_TRUE(contains(printed.text, "explained in every bit")) << printed.text;
}

/// The block of the README behind that line.
std::string readme_block(const std::string& before) {
  const std::string readme = text_of(REFLOOP_SOURCE "/README.md");
  const std::size_t begin = readme.find(before);
  if (begin == std::string::npos) return {};
  const std::size_t first = readme.find("```python\n", begin) + std::string("```python\n").size();
  return readme.substr(first, readme.find("```", first) - first);
}

TEST_F(Exec, IsAPytestFileInTheReadmeWhoseIdsAreCases) {
  const std::string python = python_with("numpy, pytest");
  if (python.empty()) GTEST_SKIP() << "there is no Python with NumPy and pytest here (Debian: python3-pytest)";
  const std::string readme = text_of(REFLOOP_SOURCE "/README.md"),
                    example = text_of(REFLOOP_SOURCE "/tests/examples/numpy_conv2d.py");
  EXPECT_TRUE(contains(readme, example)) << "the README has the example as it runs";
  std::string test = readme_block("`test_mine.py`");
  const std::string fewer = ", like=";
  ASSERT_TRUE(contains(test, fewer)) << test;
  write("test_mine.py", test.replace(test.find(fewer), fewer.size(), ", '--random', 60, like="));
  write_example("j * dilation[1]", "j");
  const Printed printed = run_here("REFLOOP='" REFLOOP_PROGRAM "' PYTHONPATH='" REFLOOP_SOURCE
                                   "/src/subjects/python' "
                                   "PYTHONDONTWRITEBYTECODE=1 " +
                                   python + " -m pytest -q -p no:cacheprovider test_mine.py");
  EXPECT_EQ(printed.status, 1) << printed.text;
  EXPECT_TRUE(contains(printed.text, "FAILED test_mine.py::test_conv2d[conv2d_")) << printed.text;
  EXPECT_TRUE(contains(printed.text, "same bits as the known mistake dilation_ignored_on_last_axis")) << printed.text;
  EXPECT_TRUE(std::regex_search(printed.text, std::regex("[0-9]+ failed, [0-9]+ passed"))) << printed.text;
}

}  // namespace
}  // namespace refloop::cli
