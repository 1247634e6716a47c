// Pooling on a plane, and why padding must not take part in a maximum.
#include <fmt/format.h>

#include "refloop/plane.h"
#include "teach/cases.h"
#include "teach/chapters.h"

namespace refloop::teach {
namespace {

std::string size_line(Index input, Index size, const PlanePoolSettings& s, Index output) {
  return fmt::format("size: ({} + 2*{} - {}*({} - 1) - 1) / {} + 1 = {}", input, s.padding, s.dilation, size,
                     s.stride.value_or(size), output);
}

/// Height and width as the notebook's pool2d prints them.
template <class T>
std::string sizes_line(const Tensor<T, 2>& plane) {
  return fmt::format("{} {}", plane.extents()[0], plane.extents()[1]);
}

/// LibTorch's pooling of the plane as floats, as the notebook compares: its older versions pool no integers.
void compare_pool(Lesson& lesson, const Family& family, const Tensor<std::int64_t, 2>& input, Index size,
                  const PlanePoolSettings& s) {
  const auto image = as_image(to_float(input));
  const auto output = as_image(pool2d(to_float(input), size, s));
  Case c = case_of(family, image);
  c.kernel = axes_of(filled<2>(size), 0);
  c.stride = axes_of(filled<2>(s.stride.value_or(size)), 1);
  c.before = c.after = axes_of(filled<2>(s.padding), 0);
  c.dilation = axes_of(filled<2>(s.dilation), 1);
  const AnyTensor inputs[] = {borrowed("input", image)}, outputs[] = {borrowed("output", output)};
  lesson.compare(c, inputs, outputs, std::string(family.name) + "2d");
}

/// What the notebook does before it takes a maximum.
Tensor<std::int64_t, 2> with_zeros_around(const Tensor<std::int64_t, 2>& plane, Index padding) {
  const auto [height, width] = plane.extents();
  Tensor<std::int64_t, 2> padded({height + 2 * padding, width + 2 * padding});
  for (const auto& [y, x] : positions(plane.extents())) padded(y + padding, x + padding) = plane(y, x);
  return padded;
}

}  // namespace

void pools_chapter(Lesson& lesson) {
  const auto input = notebook_plane();
  lesson.say(
      "A pool has a window but no weights: each output element is the mean, the largest or the smallest of the cells "
      "under the window. Its stride is the size of the window unless another one is given, so that windows lie side by "
      "side. The loops, as they are compiled: first the cells under one window, padding left out:");
  lesson.source("src/kernels/plane.cpp", "cells_under");
  lesson.say(
      "Then what each mode makes of them. `Larger::start` is minus infinity or the smallest number there is, and "
      "min_of is the same with < and the opposite start:");
  lesson.source("src/kernels/plane.cpp", "max_of");
  lesson.source("src/kernels/plane.cpp", "mean_of");
  lesson.say("And the pool, which asks its mode about one window after the other:");
  lesson.source("src/kernels/plane.cpp", "pool_plane");
  lesson.show(input, "input");

  const PlanePoolSettings mean{.mode = "avg"};
  const auto means = pool2d(input, 2, mean);
  lesson.setting("mode: avg  kernel size: 2  stride: 2  padding: 0  dilation: 1");
  lesson.line(sizes_line(means));
  lesson.show(means, "output");
  lesson.line(fmt::format("top left: ({} + {} + {} + {}) / 4 = {:.4f}", input(0, 0), input(0, 1), input(1, 0),
                          input(1, 1), means(0, 0)));
  lesson.line(size_line(6, 2, mean, means.extents()[0]));
  lesson.line();
  compare_pool(lesson, family::avg_pool, input, 2, mean);

  const PlanePoolSettings three[] = {{.stride = 2, .padding = 0, .dilation = 1},
                                     {.stride = 2, .padding = 1, .dilation = 1},
                                     {.stride = 2, .padding = 1, .dilation = 2}};
  lesson.say("Now the largest. (LibTorch is handed the plane as floats, since its older versions pool no integers.)");
  for (const PlanePoolSettings& s : three) {
    const auto output = pool2d<std::int64_t>(input, 2, s);
    lesson.setting(fmt::format("mode: {}  kernel size: {}  stride: {}  padding: {}  dilation: {}", s.mode, 2, *s.stride,
                               s.padding, s.dilation));
    lesson.line(sizes_line(output));
    lesson.show(output, "output");
    lesson.line(size_line(6, 2, s, output.extents()[0]));
    lesson.line();
    compare_pool(lesson, family::max_pool, input, 2, s);
  }

  lesson.say(
      "The notebook puts zeros around the plane and then takes the maximum. That gives torch's numbers only because no "
      "cell of this plane is below 0. In torch, and in the loop above, padding is no candidate at all. Subtract 10 "
      "everywhere, and the two part:");
  auto below_zero = input;
  for (auto& element : below_zero.elements()) element -= 10;
  const PlanePoolSettings padded{.stride = 2, .padding = 1};
  const auto right = pool2d<std::int64_t>(below_zero, 2, padded);
  const auto zeros = pool2d<std::int64_t>(with_zeros_around(below_zero, 1), 2, {.stride = 2});
  lesson.show(below_zero, "input - 10");
  lesson.show(right, "output, padding is no candidate");
  compare_pool(lesson, family::max_pool, below_zero, 2, padded);
  lesson.show(zeros, "output, padding is zeros");
  lesson.say(fmt::format(
      "Top left, the window holds three cells of padding and {}. The maximum is {}; with zeros as padding it would be "
      "{}. A minimum with zeros around is wrong in the other direction, on the notebook's own plane: the smallest "
      "number under the second window of the first row is {}, the notebook's pool2d with mode=\"min\" and padding=1 "
      "says {}.",
      below_zero(0, 0), right(0, 0), zeros(0, 0),
      pool2d<std::int64_t>(input, 2, {.stride = 2, .padding = 1, .mode = "min"})(0, 1),
      pool2d<std::int64_t>(with_zeros_around(input, 1), 2, {.stride = 2, .mode = "min"})(0, 1)));
  lesson.say(
      "A mean is another matter: torch counts the zeros of the padding in it (count_include_pad=True), and so does the "
      "notebook.");
  constexpr Next after[] = {
      {"refloop parity --case max_pool2d_i6_k2_s2_p1_f32_wild_seed1", "a maximum among NaN, infinities and -0"},
      {"refloop parity --case avg_pool2d_i6_k3_s2_p1_excludepad", "a mean that leaves the padding out"},
      {"refloop notebook channels", "from a plane to images"}};
  lesson.next(after);
}

}  // namespace refloop::teach
