// The lesson shows every figure of the notebook that it follows. The figures stand here, as the notebook prints them.
#include "teach/notebook.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <string>
#include <vector>

#include "check/ways.h"

namespace refloop::teach {
namespace {

std::string plainly(std::string_view text, Verdict) {
  return std::string(text);
}

std::string told(std::string_view name, const LibTorch& torch = {"", nullptr, "not in this test"}) {
  std::ostringstream out;
  Lesson lesson(
      out, [torch] { return torch; }, plainly);
  tell(chapter(name), lesson);
  return out.str();
}

struct Figure {
  const char* chapter;
  const char* text;
};

constexpr Figure figures[] = {
    {"plane",
     "INPUT (6x6)\n"
     "tensor([[2, 7, 6, 4, 6, 5],\n"
     "        [0, 4, 0, 3, 8, 4],\n"
     "        [0, 4, 1, 2, 5, 5],\n"
     "        [7, 6, 9, 6, 3, 1],\n"
     "        [9, 3, 1, 9, 7, 9],\n"
     "        [2, 0, 5, 9, 3, 4]])\n"},
    {"plane",
     "KERNEL (3x3)\n"
     "tensor([[0, 0, 0],\n"
     "        [0, 1, 0],\n"
     "        [0, 0, 0]])\n"},
    {"settings",
     "INPUT (6x6)\n"
     "tensor([[2, 7, 6, 4, 6, 5],\n"
     "        [0, 4, 0, 3, 8, 4],\n"
     "        [0, 4, 1, 2, 5, 5],\n"
     "        [7, 6, 9, 6, 3, 1],\n"
     "        [9, 3, 1, 9, 7, 9],\n"
     "        [2, 0, 5, 9, 3, 4]])\n"},
    {"settings",
     "KERNEL (3x3)\n"
     "tensor([[0, 0, 0],\n"
     "        [0, 1, 0],\n"
     "        [0, 0, 0]])\n"},
    {"settings",
     "stride: 1  padding: 0  dilation: 1\n"
     "OUTPUT (4x4)\n"
     "tensor([[4, 0, 3, 8],\n"
     "        [4, 1, 2, 5],\n"
     "        [6, 9, 6, 3],\n"
     "        [3, 1, 9, 7]])\n"},
    {"settings",
     "stride: 2  padding: 0  dilation: 1\n"
     "OUTPUT (2x2)\n"
     "tensor([[4, 3],\n"
     "        [6, 6]])\n"},
    {"settings",
     "stride: 1  padding: 1  dilation: 1\n"
     "OUTPUT (6x6)\n"
     "tensor([[2, 7, 6, 4, 6, 5],\n"
     "        [0, 4, 0, 3, 8, 4],\n"
     "        [0, 4, 1, 2, 5, 5],\n"
     "        [7, 6, 9, 6, 3, 1],\n"
     "        [9, 3, 1, 9, 7, 9],\n"
     "        [2, 0, 5, 9, 3, 4]])\n"},
    {"settings",
     "stride: 1  padding: 1  dilation: 2\n"
     "OUTPUT (4x4)\n"
     "tensor([[4, 0, 3"},  // the notebook's file breaks off here
    {"pools",
     "INPUT (6x6)\n"
     "tensor([[2, 7, 6, 4, 6, 5],\n"
     "        [0, 4, 0, 3, 8, 4],\n"
     "        [0, 4, 1, 2, 5, 5],\n"
     "        [7, 6, 9, 6, 3, 1],\n"
     "        [9, 3, 1, 9, 7, 9],\n"
     "        [2, 0, 5, 9, 3, 4]])\n"},
    {"pools",
     "3 3\n"
     "OUTPUT (3x3)\n"
     "tensor([[3.2500, 3.2500, 5.7500],\n"
     "        [4.2500, 4.5000, 3.5000],\n"
     "        [3.5000, 6.0000, 5.7500]])\n"},
    {"pools",
     "mode: max  kernel size: 2  stride: 2  padding: 0  dilation: 1\n"
     "3 3\n"
     "OUTPUT (3x3)\n"
     "tensor([[7, 6, 8],\n"
     "        [7, 9, 5],\n"
     "        [9, 9, 9]])\n"},
    {"pools",
     "mode: max  kernel size: 2  stride: 2  padding: 1  dilation: 1\n"
     "4 4\n"
     "OUTPUT (4x4)\n"
     "tensor([[2, 7, 6, 5],\n"
     "        [0, 4, 8, 5],\n"
     "        [9, 9, 9, 9],\n"
     "        [2, 5, 9, 4]])\n"},
    {"pools",
     "mode: max  kernel size: 2  stride: 2  padding: 1  dilation: 2\n"
     "3 3\n"
     "OUTPUT (3x3)\n"
     "tensor([[4, 4, 4],\n"
     "        [6, 6, 6],\n"
     "        [6, 9, 9]])\n"},
    {"channels",
     "INPUT (1x2x6x6)\n"
     "tensor([[[[2, 7, 6, 4, 6, 5],\n"
     "          [0, 4, 0, 3, 8, 4],\n"
     "          [0, 4, 1, 2, 5, 5],\n"
     "          [7, 6, 9, 6, 3, 1],\n"
     "          [9, 3, 1, 9, 7, 9],\n"
     "          [2, 0, 5, 9, 3, 4]],\n"
     "\n"
     "         [[9, 6, 2, 0, 6, 2],\n"
     "          [7, 9, 7, 3, 3, 4],\n"
     "          [3, 7, 0, 9, 0, 9],\n"
     "          [6, 9, 5, 4, 8, 8],\n"
     "          [6, 0, 0, 0, 0, 1],\n"
     "          [3, 0, 1, 1, 7, 9]]]])\n"},
    {"channels",
     "FILTER (4x2x3x3)\n"
     "tensor([[[[1, 0, 0],\n"
     "          [0, 0, 0],\n"
     "          [0, 0, 0]],\n"
     "\n"
     "         [[0, 1, 0],\n"
     "          [0, 0, 0],\n"
     "          [0, 0, 0]]],\n"
     "\n"
     "\n"
     "        [[[0, 0, 1],\n"
     "          [0, 0, 0],\n"
     "          [0, 0, 0]],\n"
     "\n"
     "         [[0, 0, 0],\n"
     "          [1, 0, 0],\n"
     "          [0, 0, 0]]],\n"
     "\n"
     "\n"
     "        [[[0, 0, 0],\n"
     "          [0, 1, 0],\n"
     "          [0, 0, 0]],\n"
     "\n"
     "         [[0, 0, 0],\n"
     "          [0, 0, 1],\n"
     "          [0, 0, 0]]],\n"
     "\n"
     "\n"
     "        [[[0, 0, 0],\n"
     "          [0, 0, 0],\n"
     "          [1, 0, 0]],\n"
     "\n"
     "         [[0, 0, 0],\n"
     "          [0, 0, 0],\n"
     "          [0, 1, 0]]]])\n"},
    {"channels",
     "OUTPUT (1x4x4x4)\n"
     "tensor([[[[ 8,  9,  6, 10],\n"
     "          [ 9, 11,  3,  6],\n"},  // and here
    {"sizes",
     "#77 1x17 -> #256 1x15\n"
     "#256 1x15 -> #256 1x7\n"
     "#256 1x7 -> #256 1x3\n"
     "#256 1x3 -> #1 1x1\n"},
    {"conv1d", "Conv1d(7, 8, kernel_size=(2,), stride=(1,))\n"},
    {"conv1d",
     "tensor([[ -1.4427,   2.1214,   1.0646,  -1.0073,  -2.6071,  -1.4694,  -2.3458,\n"
     "          -5.0284,  -3.9909],\n"
     "        [  1.0692,   0.2119,   0.6061,   1.5847,  -1.6509,  -2.1876,   0.4745,\n"
     "          -1.4009,  -1.3466],\n"
     "        [ -5.8700,  -7.9829,  -7.5512, -10.8062,  -8.2657,  -5.8836,  -6.4643,\n"
     "          -6.1355,  -7.9130],\n"
     "        [ -7.3901,  -3.5969,  -5.3637,  -7.3507,  -4.4702,  -4.2736,  -8.0131,\n"
     "          -5.2857,  -7.0544],\n"
     "        [ -0.4411,  -1.2163,  -4.0269,  -6.1607,  -3.6083,  -2.5938,  -2.4093,\n"
     "          -1.5252,  -2.1961],\n"
     "        [ -0.5494,   0.7373,   0.2268,   2.6194,   0.5533,   1.7961,   1.7508,\n"
     "           0.7103,  -1.4017],\n"
     "        [ -0.3983,   0.8388,   0.6003,   0.9702,   2.1276,   4.2901,   0.8479,\n"
     "           3.4084,  -0.1641],\n"
     "        [ -4.2917,   1.3800,  -4.2675,  -4.0642,  -2.1963,  -0.2951,  -3.6937,\n"
     "          -2.2918,  -1.4031]])\n"},
    {"batch_norm",
     "tensor([[[[1., 0.],\n"
     "          [0., 0.]],\n"
     "\n"
     "         [[0., 1.],\n"
     "          [0., 0.]]],\n"
     "\n"
     "\n"
     "        [[[0., 1.],\n"
     "          [2., 3.]],\n"
     "\n"
     "         [[4., 5.],\n"
     "          [6., 7.]]]])\n"},
    {"batch_norm", "tensor([1., 1.])\n"},
    {"batch_norm", "tensor([0., 0.])\n"},
    {"batch_norm",
     "OUTPUT (2x2x2x2)\n"
     "tensor([[[[ 0.1187, -0.8307],\n"
     "          [-0.8307, -0.8307]],\n"
     "\n"
     "         [[-1.0422, -0.6797],\n"
     "          [-1.0422, -1.0422]]],\n"
     "\n"
     "\n"
     "        [[[-0.8307,  0.1187],\n"
     "          [ 1.0681,  2.0175]],\n"
     "\n"
     "         [[ 0.4078,  0.7703],\n"
     "          [ 1.1329,  1.4954]]]])\n"},
    {"batch_norm", "tensor([0.8750, 2.8750]) tensor([1.2679, 8.6964])\n"},
    {"batch_norm",
     "BOTH (2x2x2x2)\n"
     "tensor([[[[ 0.1110, -0.9749],\n"
     "          [-0.7771, -0.9749]],\n"
     "\n"
     "         [[-0.7771, -0.6358],\n"
     "          [-0.7771, -0.9749]]],\n"
     "\n"
     "\n"
     "        [[[-0.7771, -0.6358],\n"
     "          [ 0.9991,  0.0424]],\n"
     "\n"
     "         [[ 2.7753,  0.7206],\n"
     "          [ 4.5515,  1.3988]]]])\n"},
    {"dimensions",
     "#77 1x17 -> #256 1x15\n"
     "#256 1x15 -> #256 1x7\n"
     "#256 1x7 -> #256 1x3\n"
     "#256 1x3 -> #1 1x1\n"},
};

TEST(Notebook, ShowsEveryFigureInItsOrder) {
  std::string_view previous;
  std::size_t from = 0;
  std::string text;
  for (const Figure& figure : figures) {
    if (figure.chapter != previous) text = told(figure.chapter), from = 0;
    previous = figure.chapter;
    const std::size_t at = text.find(figure.text, from);
    ASSERT_NE(at, std::string::npos) << figure.chapter << " does not show, or not in its place,\n" << figure.text;
    from = at + 1;
  }
}

TEST(Notebook, FitsInto80Columns) {
  for (const Chapter& one : chapters()) {
    std::istringstream lines(told(one.name));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << one.name << ": " << line;
  }
}

std::vector<std::string> commands_of(std::string_view name) {
  std::vector<std::string> commands;
  std::istringstream lines(told(name));
  for (std::string line; std::getline(lines, line);) {
    if (line.starts_with("  refloop ")) commands.push_back(line.substr(2));
  }
  return commands;
}

TEST(Notebook, EndsEachChapterWithCommandsThatExist) {
  for (const Chapter& one : chapters()) {
    const auto commands = commands_of(one.name);
    EXPECT_GE(commands.size(), 2U) << one.name;
    for (const std::string& command : commands) {
      const std::string to_chapter = "refloop notebook ";
      for (const std::string to_case : {"refloop parity --case ", "refloop show "}) {
        if (!command.starts_with(to_case)) continue;
        EXPECT_NO_THROW(parse(command.substr(to_case.size()))) << command;
      }
      if (command.starts_with(to_chapter)) {
        EXPECT_NO_THROW(chapter(command.substr(to_chapter.size()))) << command;
      }
    }
  }
}

TEST(Notebook, SaysWhichChaptersThereAre) {
  try {
    chapter("plain");
    FAIL() << "took a chapter that is not there";
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(),
                 "the notebook has no chapter 'plain'; it has plane, settings, pools, channels, groups, sizes, conv1d, "
                 "batch_norm, dimensions");
  }
}

/// A library that computes with the loops.
Subject loops_as_library() {
  return {.name = "loops",
          .run = [](const Case& c, Tensors in) { return Outcome{.outputs = outputs_of(*contract(c), c, in)}; },
          .order = contract};
}

std::size_t count(std::string_view text, std::string_view word) {
  std::size_t found = 0;
  for (std::size_t at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) ++found;
  return found;
}

/// With a blank for each line's end: sentences are looked for wherever they break.
std::string on_one_line(std::string text) {
  std::replace(text.begin(), text.end(), '\n', ' ');
  return text;
}

TEST(Notebook, HandsEachOutputsOwnTensorsAndSettingsToLibTorch) {
  const Subject loops = loops_as_library();
  struct Expected {
    const char* chapter;
    std::size_t comparisons;
  };
  for (const auto& [name, comparisons] :
       {Expected{"plane", 1}, Expected{"settings", 4}, Expected{"pools", 5}, Expected{"channels", 1},
        Expected{"groups", 1}, Expected{"sizes", 4}, Expected{"conv1d", 1}, Expected{"batch_norm", 1}}) {
    const std::string text = told(name, {"9.9", &loops, ""});
    EXPECT_EQ(count(text, "LibTorch 9.9, "), comparisons) << name;
    EXPECT_EQ(count(text, ": the same bits\n"), comparisons) << name;
  }
}

TEST(Notebook, TellsWhereALibraryDiffers) {
  Subject wrong = loops_as_library();
  wrong.run = [run = wrong.run](const Case& c, Tensors inputs) {
    Outcome outcome = run(c, inputs);
    static_cast<std::int64_t*>(outcome.outputs[0].data)[6] += 1;
    return outcome;
  };
  EXPECT_NE(on_one_line(told("plane", {"9.9", &wrong, ""}))
                .find("LibTorch 9.9, conv2d: other bits in 1 of 16 elements, first at [0, 0, 1, 2]: 2 here, 3 there "),
            std::string::npos);
}

/// The loops, but for the last bit of the first element.
Subject loops_with_another_last_bit() {
  Subject subject = loops_as_library();
  subject.run = [run = subject.run](const Case& c, Tensors inputs) {
    Outcome outcome = run(c, inputs);
    *static_cast<std::uint8_t*>(outcome.outputs[0].data) ^= 1;
    return outcome;
  };
  return subject;
}

TEST(Notebook, ComparesFloatsWhereTheLibrarySumsInOrder) {
  const Subject other = loops_with_another_last_bit(), loops = loops_as_library();
  LibTorch torch{"9.9", &other, "", &loops, [](const Case& c) { return c.family == &family::conv; }};
  const std::string text = on_one_line(told("conv1d", torch));
  EXPECT_NE(text.find("LibTorch 9.9, conv1d, textbook path: the same bits "), std::string::npos) << text;
  EXPECT_NE(text.find("sums in an order of its own"), std::string::npos) << text;
  EXPECT_EQ(text.find("other bits in"), std::string::npos) << text;
  EXPECT_NE(on_one_line(told("plane", torch)).find("other bits in 1 of 16 elements"), std::string::npos)
      << "integers do not round";

  torch.sums_otherwise = [](const Case&) { return false; };
  EXPECT_NE(on_one_line(told("conv1d", torch)).find("LibTorch 9.9, conv1d: other bits in 1 of 72 elements"),
            std::string::npos);
}

TEST(Notebook, FitsInto80ColumnsWhereALibraryDiffersToo) {
  const Subject other = loops_with_another_last_bit();
  for (const Chapter& one : chapters()) {
    std::istringstream lines(told(one.name, {"9.9", &other, ""}));
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 80U) << one.name << ": " << line;
  }
}

TEST(Notebook, TellsWhatALibraryRefuses) {
  Subject refusing = loops_as_library();
  refusing.run = [](const Case&, Tensors) {
    return Outcome{.outputs = {}, .instead = Verdict::skipped, .reason = "no integers"};
  };
  EXPECT_NE(told("plane", {"9.9", &refusing, ""}).find("LibTorch 9.9, conv2d: does not take it (no integers)\n"),
            std::string::npos);
}

TEST(Notebook, SaysOnceThatLibTorchIsNotHere) {
  const std::string text = on_one_line(told("settings", {"", nullptr, "it was left at home"}));
  EXPECT_EQ(count(text, "LibTorch: not here, so nothing to compare with (it was left at home)."), 1U);
}

}  // namespace
}  // namespace refloop::teach
