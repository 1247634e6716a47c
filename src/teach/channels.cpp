// Convolution over batches and channels, and over groups of channels.
#include <fmt/format.h>

#include "refloop/plane.h"
#include "teach/cases.h"
#include "teach/chapters.h"

namespace refloop::teach {
namespace {

/// The notebook's filters: one 1 in each kernel, one cell further in every kernel.
Tensor<std::int64_t, 4> notebook_filters(Index out_channels, Index channels) {
  Tensor<std::int64_t, 4> filters({out_channels, channels, 3, 3});
  Index cell = 0;
  for (Index oc = 0; oc < out_channels; ++oc) {
    for (Index ic = 0; ic < channels; ++ic, ++cell) filters(oc, ic, cell / 3, cell % 3) = 1;
  }
  return filters;
}

/// One channel of one image, or one kernel of one filter.
Tensor<std::int64_t, 2> plane_of(const Tensor<std::int64_t, 4>& tensor, Index n, Index c) {
  Tensor<std::int64_t, 2> plane({tensor.extents()[2], tensor.extents()[3]});
  for (const auto& at : positions(plane.extents())) plane(at) = tensor(n, c, at);
  return plane;
}

Tensor<std::int64_t, 4> notebook_image() {
  return TorchGenerator(notebook_seed).randint(0, 10, Extents<4>{1, 2, 6, 6});
}

}  // namespace

void channels_chapter(Lesson& lesson) {
  const auto input = notebook_image();
  const auto filter = notebook_filters(4, 2);
  lesson.say(
      "Images come in batches and have channels, so the input has four axes: N images x C channels x height x width. "
      "A filter has one kernel for each input channel: each channel is convolved with its own kernel, as a plane, and "
      "the results are added up to one output channel. There are as many output channels as filters, so the weight is "
      "O x C x height x width. The images of a batch have nothing to do with each other.");
  lesson.show(input, "input");
  lesson.show(filter, "filter");

  const auto output = conv2d(input, filter);
  lesson.show(output, "output");
  compare_conv(lesson, input, filter, {}, {}, output, "conv2d");

  const auto from_first = convolve2d(plane_of(input, 0, 0), plane_of(filter, 0, 0));
  const auto from_second = convolve2d(plane_of(input, 0, 1), plane_of(filter, 0, 1));
  lesson.say(fmt::format(
      "The first kernel of the first filter has its 1 at row 0, column 0, the second at row 0, column 1. So the top "
      "left element of the first output channel is {} from the first channel and {} from the second: {} + {} = {}. The "
      "two planes that are added, each from convolve2d of the first chapter:",
      from_first(0, 0), from_second(0, 0), from_first(0, 0), from_second(0, 0), output(0, 0, 0, 0)));
  lesson.show(from_first, "channel 0 with kernel 0 of filter 0");
  lesson.show(from_second, "channel 1 with kernel 1 of filter 0");
  lesson.say(
      "The loop does not build these planes: it runs over the channels inside, as a third axis of the kernel. "
      "`positions(extents)` gives every position, row by row, of one, two or three spatial axes, and `out`, `tap` and "
      "`in` are such positions; so one text serves conv1d, conv2d and conv3d.");
  lesson.source("src/kernels/conv_loops.h", "conv_loops");
  constexpr Next after[] = {{"refloop parity --case conv2d_n2_c2_i6_o4_k3_bias", "two images, and a bias per filter"},
                            {"refloop parity --case conv3d_c2_i4x5x6_o3_k2x3x2", "the same text on three spatial axes"},
                            {"refloop notebook groups", "what `first_channel` is for"}};
  lesson.next(after);
}

void groups_chapter(Lesson& lesson) {
  const auto input = notebook_image();
  const auto filter = notebook_filters(4, 1);
  lesson.say(
      "With groups, a filter sees only a part of the channels. The input channels are cut into as many groups as asked "
      "for, the filters too, and each group of filters reads its own group of channels. The notebook has groups = 1; "
      "with groups = 2 and the same input, a filter has C / groups = 2 / 2 = 1 kernel, filters 0 and 1 read channel 0, "
      "and filters 2 and 3 read channel 1. In the loop that is one line: first_channel = oc / (out_channels / groups) "
      "* channels_per_group.");
  constexpr Index group_count = 2;
  for (Index oc = 0; oc < filter.extents()[0]; ++oc) {
    const Index first_channel = oc / (filter.extents()[0] / group_count) * filter.extents()[1];
    lesson.line(fmt::format("  filter {}: {} / (4 / 2) * 1 = channel {}", oc, oc, first_channel));
  }
  lesson.line();
  lesson.show(filter, "filter");
  const ConvSettings<2> in_groups{.groups = group_count};
  const auto output = conv2d(input, filter, {}, in_groups);
  lesson.show(output, "output");
  compare_conv(lesson, input, filter, {}, in_groups, output, "conv2d");
  lesson.say(fmt::format(
      "Filter 2 has its 1 at row 0, column 2 and reads channel 1, whose first row is {} {} {} {} {} {}: the output "
      "channel starts with {}. As many groups as channels, as here, is called a depthwise convolution.",
      input(0, 1, 0, 0), input(0, 1, 0, 1), input(0, 1, 0, 2), input(0, 1, 0, 3), input(0, 1, 0, 4), input(0, 1, 0, 5),
      output(0, 2, 0, 0)));
  constexpr Next after[] = {
      {"refloop show conv2d_c4_i6_o8_k3_g2_coded_seed1", "every input its own number: who reads what shows"},
      {"refloop notebook sizes", "many layers, one after the other"}};
  lesson.next(after);
}

}  // namespace refloop::teach
