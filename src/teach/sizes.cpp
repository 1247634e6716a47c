// Sizes through a stack of layers: forwards, and backwards from the size it should end at.
#include <fmt/format.h>

#include "refloop/conv.h"
#include "teach/cases.h"
#include "teach/chapters.h"

namespace refloop::teach {
namespace {

struct Layer {
  Index in_channels, out_channels;
  Extents<2> kernel;
  Index stride;
};

constexpr Extents<2> notebook_size{1, 17};
/// The notebook's stack. It writes the kernel as (3, 1), width first; torch's order is height first.
constexpr Layer stack[] = {{77, 256, {1, 3}, 1}, {256, 256, {1, 3}, 2}, {256, 256, {1, 3}, 2}, {256, 1, {1, 3}, 1}};

Extents<2> size_after(const Layer& layer, const Extents<2>& size) {
  return conv_output_extents<2>(size, layer.kernel, {.stride = filled<2>(layer.stride)});
}

void walk(Lesson& lesson) {
  auto size = notebook_size;
  for (const Layer& layer : stack) {
    const auto after = size_after(layer, size);
    lesson.line(
        fmt::format("#{} {} -> #{} {}", layer.in_channels, to_string(size), layer.out_channels, to_string(after)));
    size = after;
  }
  lesson.line();
}

/// The width that comes out of the stack, or 0 where a layer no longer fits.
Index width_after_stack(Index width) {
  Extents<2> size{1, width};
  for (const Layer& layer : stack) {
    if (size[1] < layer.kernel[1]) return 0;
    size = size_after(layer, size);
  }
  return size[1];
}

std::string refusal_of_torchs_order() {
  try {
    conv_output_extents<2>(notebook_size, {3, 1});
    return "nothing";
  } catch (const Error& error) {
    return error.what();
  }
}

}  // namespace

void sizes_chapter(Lesson& lesson) {
  lesson.say(
      "A network hands the output of one layer to the next, so one wants to know the sizes before anything is "
      "computed. They follow from the settings alone. Four convolutions with a kernel of 1 x 3, of which the two in "
      "the middle have stride 2; #77 1x17 reads 77 channels of height 1 and width 17:");
  walk(lesson);
  const Layer& second = stack[1];
  const auto before = size_after(stack[0], notebook_size), after = size_after(second, before);
  lesson.say(fmt::format(
      "For example the second layer's width: ({} + 2*0 - 1*({} - 1) - 1) / {} + 1 = {}. Channels don't enter the "
      "formula: there are as many as filters. The function that gives the sizes, one axis after the other:",
      before[1], second.kernel[1], second.stride, after[1]));
  lesson.source("include/refloop/window.h", "output_extents");
  lesson.say(fmt::format(
      "Mind the order: the notebook writes this kernel as (3, 1), width first, while torch takes height first. Given "
      "to torch as it stands, the kernel is 3 high, and the input has one row. What refloop says to it: \"{}\".",
      refusal_of_torchs_order()));

  lesson.say("Now with numbers in it: small whole ones as input and weights, so that every sum is exact.");
  TorchGenerator generator(notebook_seed);
  auto values = generator.randint(-1, 2, Extents<4>{1, stack[0].in_channels, notebook_size[0], notebook_size[1]});
  for (const Layer& layer : stack) {
    const auto weight =
        generator.randint(-1, 2, Extents<4>{layer.out_channels, layer.in_channels, layer.kernel[0], layer.kernel[1]});
    const ConvSettings<2> settings{.stride = filled<2>(layer.stride)};
    auto output = conv2d(values, weight, {}, settings);
    lesson.line(fmt::format("{} -> {}, {} products", to_string(values.extents()), to_string(output.extents()),
                            output.size() * volume(weight.extents()) / layer.out_channels));
    lesson.line();
    compare_conv(lesson, values, weight, {}, settings, output, "conv2d");
    values = std::move(output);
  }
  lesson.show(values, "output of the stack");
  constexpr Next next[] = {{"refloop parity --case conv2d_c77_i1x17_o256_k1x3", "the first layer, judged"},
                           {"refloop parity --case conv2d_c256_i1x15_o256_k1x3_s2", "the second one"},
                           {"refloop notebook conv1d", "one layer with real weights, number by number"}};
  lesson.next(next);
}

void dimensions_chapter(Lesson& lesson) {
  lesson.say("The notebook walks through its stack of layers a second time at its end:");
  walk(lesson);
  lesson.say(
      "One can also ask backwards: which inputs end at one single number? A division that drops its remainder gives "
      "the same size for several inputs, so there is more than one answer. Width of the input -> width of the output:");
  std::string row;
  for (Index width = 16; width <= 22; ++width) {
    const Index end = width_after_stack(width);
    row += fmt::format("  {}->{}", width, end > 0 ? std::to_string(end) : "none");
  }
  lesson.line(row);
  lesson.line();
  lesson.say(
      "\"none\" means that a layer's kernel is wider than what is left. Where a width gives the same output as a "
      "smaller one, some cells at the right end are never read: a stride of 2 steps over them.");
  constexpr Next after[] = {{"refloop show conv2d_i1x16_k1x3_s2_coded", "cells that no window reaches"},
                            {"refloop mistakes", "every known way to get all this wrong, tried on purpose"},
                            {"refloop parity", "the whole suite: loops and LibTorch, bit for bit"}};
  lesson.next(after);
}

}  // namespace refloop::teach
