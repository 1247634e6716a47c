// The first two chapters: one plane, one kernel, and the three settings of a window.
#include "refloop/plane.h"

#include <fmt/format.h>

#include "teach/cases.h"
#include "teach/chapters.h"

namespace refloop::teach {
namespace {

/// The products that make up one output element without padding, stride and dilation, and their sum.
std::string products(const Tensor<std::int64_t, 2>& plane, const Tensor<std::int64_t, 2>& kernel, Index i, Index j) {
  std::string text;
  for (const auto& [kh, kw] : positions(kernel.extents())) {
    text += fmt::format("{}{}*{}", text.empty() ? "" : " + ", kernel(kh, kw), plane(i + kh, j + kw));
  }
  return text + fmt::format(" = {}", convolve2d(plane, kernel)(i, j));
}

std::string size_line(Index input, Index kernel, const PlaneSettings& s, Index output) {
  return fmt::format("size: ({} + 2*{} - {}*({} - 1) - 1) / {} + 1 = {}", input, s.padding, s.dilation, kernel,
                     s.stride, output);
}

void compare_plane(Lesson& lesson, const Tensor<std::int64_t, 2>& input, const Tensor<std::int64_t, 2>& kernel,
                   const PlaneSettings& s, const Tensor<std::int64_t, 2>& output) {
  compare_conv(lesson, as_image(input), as_image(kernel), {},
               {.stride = filled<2>(s.stride), .padding = filled<2>(s.padding), .dilation = filled<2>(s.dilation)},
               as_image(output), "conv2d");
}

}  // namespace

void plane_chapter(Lesson& lesson) {
  const auto input = notebook_plane();
  const auto kernel = centre_kernel();
  TorchGenerator generator(notebook_seed);
  const auto first = generator.draw(), second = generator.draw(), third = generator.draw();

  lesson.say(
      "A plane is a table of numbers: one channel of one image. The notebook draws its plane with "
      "torch.manual_seed(42) and torch.randint(0, 10, (6, 6)). Behind that stands the Mersenne Twister, and an "
      "element is the remainder of one 32-bit draw divided by 10, so the same numbers come out here without torch:");
  lesson.line(fmt::format("  {} % 10 = {}", first, first % 10));
  lesson.line(fmt::format("  {} % 10 = {}", second, second % 10));
  lesson.line(fmt::format("  {} % 10 = {}   and so on, row by row", third, third % 10));
  lesson.line();
  lesson.show(input, "input");
  lesson.show(kernel, "kernel");

  lesson.say(
      "Convolution lays the kernel over a part of the plane that is as large as the kernel, multiplies what lies on "
      "top of each other, and adds the products up: one output element. Then the kernel moves on by one cell. (What "
      "networks call convolution does not turn the kernel around first; mathematics calls it cross-correlation.) The "
      "top left output element, products row by row:");
  lesson.line("  " + products(input, kernel, 0, 0));
  lesson.line();
  lesson.say(
      "This kernel is 1 in its middle and 0 elsewhere, so it copies: each output element is the cell under its "
      "middle. That makes it easy to see which cells are read. With nine ones instead, the top left element would be");
  const Tensor<std::int64_t, 2> ones(kernel.extents(), 1);
  lesson.line("  " + products(input, ones, 0, 0));
  lesson.line();

  lesson.say(
      "Here is the loop that computes it, as it is compiled. For readers of Python: `for (Index i = 0; i < oh; ++i)` "
      "is `for i in range(oh)`, `a ? b : c` is `b if a else c`, `&&` and `||` are `and` and `or`, braces stand for "
      "indentation, T is the element type, and `const auto` leaves a value's type to the compiler. `sum.add(w, x)` "
      "is `sum = sum + w * x`, `T{0}` a zero of that type, `twice(n)` the pair (n, n), and the lines that begin with "
      "check_ refuse settings that make no sense.");
  lesson.source("src/kernels/plane.cpp", "convolve2d");

  const auto output = convolve2d(input, kernel);
  lesson.show(output, "output");
  compare_plane(lesson, input, kernel, {}, output);

  constexpr Next after[] = {{"refloop parity --case conv2d_i6_k3_int64", "the same layer on other numbers, judged"},
                            {"refloop help case", "how to read such a case"},
                            {"refloop notebook settings", "what stride, padding and dilation do to it"}};
  lesson.next(after);
}

void settings_chapter(Lesson& lesson) {
  const auto input = notebook_plane();
  const auto kernel = centre_kernel();
  lesson.say(
      "Three settings say where the kernel is laid. Stride is how far it moves from one output element to the next. "
      "Padding puts so many zeros on each side of the plane. Dilation is the distance between neighbouring taps (the "
      "cells of the kernel); 1 leaves no gaps. An output element reads");
  lesson.line("  in = out * stride - padding + tap * dilation");
  lesson.line();
  lesson.say("on each axis, and there are as many of them as fit:");
  lesson.line("  size = (input + 2*padding - dilation*(kernel - 1) - 1) / stride + 1");
  lesson.line();
  lesson.say("where / drops the remainder, as // does in Python. The notebook's four:");
  lesson.show(input, "input");
  lesson.show(kernel, "kernel");

  constexpr PlaneSettings four[] = {{.stride = 1, .padding = 0, .dilation = 1},
                                    {.stride = 2, .padding = 0, .dilation = 1},
                                    {.stride = 1, .padding = 1, .dilation = 1},
                                    {.stride = 1, .padding = 1, .dilation = 2}};
  for (const PlaneSettings& s : four) {
    const auto output = convolve2d(input, kernel, s);
    lesson.setting(fmt::format("stride: {}  padding: {}  dilation: {}", s.stride, s.padding, s.dilation));
    lesson.show(output, "output");
    lesson.line(size_line(input.extents()[0], kernel.extents()[0], s, output.extents()[0]));
    lesson.line();
    compare_plane(lesson, input, kernel, s, output);
  }

  lesson.say(
      "Stride 2 keeps every second row and column of the first output. Padding 1 lets the middle of the kernel reach "
      "the border, so the copy is complete. Dilation 2 spreads the kernel over 5 x 5 cells; its middle then lies two "
      "cells in, one of which is padding, so the last output equals the first one.");
  constexpr Next after[] = {
      {"refloop parity --case conv2d_i6_k3_s2_p1_d2_int64", "all three at once, judged"},
      {"refloop parity --case conv2d_i6x7_k3x2_s2x1_p1x0_d1x2_int64", "each axis with settings of its own"},
      {"refloop notebook pools", "the same window without weights"}};
  lesson.next(after);
}

}  // namespace refloop::teach
