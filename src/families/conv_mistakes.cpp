#include <algorithm>
#include <bit>
#include <cmath>

#include "families/conv.h"
#include "families/views.h"
#include "families/window_mistakes.h"
#include "kernels/sum.h"

namespace refloop {
namespace {

using Inputs = std::vector<AnyTensor>;

std::size_t last_axis(const Case& c) {
  return static_cast<std::size_t>(c.dims) - 1;
}

AnyTensor part(const AnyTensor& tensor, std::size_t axis, Index start, Index count, Index step = 1) {
  return narrow(tensor, axis, start, count, step, element_size(tensor.dtype));
}

void dilation_ignored_on_last_axis(Case& c, Inputs&) {
  c.dilation[last_axis(c)] = 1;
}
void dilation_of_first_axis(Case& c, Inputs&) {
  c.dilation.fill(c.dilation[0]);
}
void padding_forgotten(Case& c, Inputs&) {
  c.before = {};
}
void padding_sides_swapped(Case& c, Inputs&) {
  std::swap(c.before, c.after);
}
void bias_forgotten(Case&, Inputs& in) {
  drop(in, "bias");
}
void first_image_for_all(Case&, Inputs& in) {
  in[0].strides[0] = 0;
}

void padding_all_before(Case& c, Inputs&) {
  for (std::size_t axis = 0; axis < c.before.size(); ++axis) c.before[axis] += c.after[axis];
}

void kernel_flipped(Case&, Inputs& in) {
  for (std::size_t axis = 2; axis < in[1].shape.size(); ++axis) in[1] = flip(in[1], axis, element_size(in[1].dtype));
}

/// Reads the kernel's memory as if its last two axes were the other way round.
void kernel_transposed(Case& c, Inputs& in) {
  if (c.dims < 2) return;
  const std::size_t last = in[1].shape.size() - 1;
  if (in[1].shape[last] == in[1].shape[last - 1]) in[1] = transpose(in[1], last - 1, last);
  const Index kh = in[1].shape[last - 1];
  const Index kw = in[1].shape[last];
  if (kh != kw && is_dense(in[1])) {
    in[1].strides[last - 1] = 1;
    in[1].strides[last] = kh;
  }
}

/// A vector loop over the taps of a row that leaves out what does not fill a vector of four.
void last_taps_of_wide_kernel(Case& c, Inputs& in) {
  const Index width = c.kernel[last_axis(c)];
  if (width <= 4 || width % 4 == 0) return;
  c.kernel[last_axis(c)] = width / 4 * 4;
  in[1] = part(in[1], in[1].shape.size() - 1, 0, width / 4 * 4);
}

/// Strides that dense memory would have, whatever the tensor's are.
void strides_in_memory_ignored(Case&, Inputs& in) {
  for (auto& tensor : in) tensor.strides = dense_strides(tensor.shape);
}

/// Inputs and weights with the 10 explicit significand bits of TF32, as tensor cores take them when allowed to.
template <std::uint32_t AddedFirst>
void rounds_to_tf32(Case& c, Inputs& in) {
  if (c.dtype != DType::f32) return;
  for (auto& tensor : in) {
    tensor = copy(tensor);
    auto* const elements = static_cast<float*>(tensor.data);
    for (std::size_t at = 0; at < memory_span(tensor); ++at) {
      if (!std::isfinite(elements[at])) continue;
      elements[at] = std::bit_cast<float>((std::bit_cast<std::uint32_t>(elements[at]) + AddedFirst) & 0xFFFFE000U);
    }
  }
}

void dilation_twice(Case& c, Inputs&) {
  for (Index& dilation : c.dilation) dilation *= dilation;
}

void padding_keeps_the_size(Case& c, Inputs&) {
  for (std::size_t axis = 0; axis < c.before.size(); ++axis)
    c.before[axis] = std::max<Index>(c.kernel[axis] - 1, 0) / 2;
}

void padding_of_axes_swapped(Case& c, Inputs&) {
  if (c.dims > 1) std::swap(c.before[last_axis(c)], c.before[last_axis(c) - 1]);
}

/// Memory order of the channels_last kernel, on memory that is not.
void dense_read_as_channels_last(Case&, Inputs& in) {
  for (std::size_t number = 0; number < 2; ++number) {
    if (is_dense(in[number])) in[number].strides = strides_of(in[number].shape, Layout::channels_last);
  }
}

/// Reads from the beginning of the memory.
void offset_ignored(Case&, Inputs& in) {
  for (auto& tensor : in) {
    if (tensor.memory) tensor.data = tensor.memory.get();
  }
}

template <std::size_t Number>
void strides_ignored(Case&, Inputs& in) {
  in[Number].strides = dense_strides(in[Number].shape);
}

/// Each image after the first is read one element early.
void images_after_the_first_shifted(Case& c, Inputs& in) {
  if (c.batch > 1 && in[0].strides[0] > 0) --in[0].strides[0];
}

/// An index of 16 bits counts up to 32,767: taps and channels behind that are never reached.
void index_of_16_bits(Case& c, Inputs& in) {
  constexpr Index most = 32'768;
  for (std::size_t axis = 0; axis < static_cast<std::size_t>(c.dims); ++axis) {
    if (c.kernel[axis] <= most) continue;
    c.kernel[axis] = most;
    in[1] = part(in[1], axis + 2, 0, most);
  }
  if (in[1].shape[1] > most) in[1] = part(in[1], 1, 0, most);
}

/// One group as a convolution of its own.
struct Group {
  Case c;
  Inputs in;
  std::vector<AnyTensor> out;
};

/// Group `g` of a right kernel: a block of input channels, of filters, of outputs.
Group group_of(const Case& c, Tensors in, Tensors out, Index g) {
  const Index channels = c.channels / c.groups;
  const Index filters = c.out_channels / c.groups;
  Group group{c,
              {part(in[0], 1, g * channels, channels), part(in[1], 0, g * filters, filters)},
              {part(out[0], 1, g * filters, filters)}};
  if (const AnyTensor* bias = find(in, "bias")) group.in.push_back(part(*bias, 0, g * filters, filters));
  group.c.groups = 1;
  group.c.channels = channels;
  group.c.out_channels = filters;
  return group;
}

/// Runs every group after `change` has spoilt it.
template <class Change>
void run_groups(const Case& c, const Way& right, Tensors in, Outputs out, Change&& change) {
  for (Index g = 0; g < c.groups; ++g) {
    Group group = group_of(c, in, out, g);
    change(group, g);
    right(group.c, group.in, group.out);
  }
}

void groups_by_modulo(const Case& c, const Way& right, Tensors in, Outputs out) {
  const Index filters = c.out_channels / c.groups;
  run_groups(c, right, in, out, [&](Group& group, Index g) {
    group.in[1] = part(in[1], 0, g, filters, c.groups);
    group.out[0] = part(out[0], 1, g, filters, c.groups);
    if (c.bias) group.in[2] = part(in[2], 0, g, filters, c.groups);
  });
}

void first_group_for_all(const Case& c, const Way& right, Tensors in, Outputs out) {
  run_groups(c, right, in, out, [&](Group& group, Index) { group.in[0] = part(in[0], 1, 0, c.channels / c.groups); });
}

void bias_within_group(const Case& c, const Way& right, Tensors in, Outputs out) {
  run_groups(c, right, in, out, [&](Group& group, Index) {
    if (c.bias) group.in[2] = part(in[2], 0, 0, c.out_channels / c.groups);
  });
}

void channels_beyond_eight(const Case& c, const Way& right, Tensors in, Outputs out) {
  run_groups(c, right, in, out, [&](Group& group, Index) {
    const Index kept = group.c.channels < 8 ? group.c.channels : group.c.channels / 8 * 8;
    group.in[0] = part(group.in[0], 1, 0, kept);
    group.in[1] = part(group.in[1], 1, 0, kept);
  });
}

/// Output columns that do not fill a vector of eight stay zero.
void last_columns_of_wide_output(const Case& c, const Way& right, Tensors in, Outputs out) {
  right(c, in, out);
  const std::size_t last = out[0].shape.size() - 1;
  const Index width = out[0].shape[last];
  if (width <= 8 || width % 8 == 0) return;
  AnyTensor tail = part(out[0], last, width / 8 * 8, width % 8);
  dispatch(c.dtype, c.dims, [&]<class T, std::size_t Rank>() {
    const auto columns = tail.view<T, Rank>();
    for (const auto& at : positions(columns.extents)) columns(at) = T{0};
  });
}

/// The plane of each output is written as if its rows were its columns.
void output_rows_and_columns_swapped(const Case& c, const Way& right, Tensors in, Outputs out) {
  AnyTensor turned = out[0];
  const std::size_t last = turned.shape.size() - 1;
  if (c.dims > 1 && is_dense(turned)) {
    turned.strides[last - 1] = 1;
    turned.strides[last] = turned.shape[last - 1];
  }
  right(c, in, std::span(&turned, 1));
}

void writes_zeros(const Case& c, const Way&, Tensors, Outputs out) {
  out[0] = changed(c, out[0], []<class T>(T) { return T{0}; });
}

/// Writes row after row without the gaps that the output has.
void output_strides_ignored(const Case& c, const Way& right, Tensors in, Outputs out) {
  AnyTensor dense = out[0];
  dense.strides = dense_strides(dense.shape);
  right(c, in, std::span(&dense, 1));
}

/// From the second block of 16 rows on, what the block before left in the accumulator is added.
void sum_not_cleared(const Case& c, const Way& right, Tensors in, Outputs out) {
  right(c, in, out);
  constexpr Index block = 16;
  dispatch(c.dtype, c.dims, [&]<class T, std::size_t Rank>() {
    const auto output = out[0].view<T, Rank>();
    for (auto at : positions(output.extents)) {
      if (at[2] < block) continue;
      T& element = output(at);
      at[2] -= block;
      InOrder<T> sum(element);
      sum.plus(output(at));
      element = sum.result();
    }
  });
}

/// Runs without padding on an input that has something else than zeros around it.
template <class Source>
void run_with_padding(const Case& c, const Way& right, Tensors in, Outputs out, Source&& source) {
  Inputs padded(in.begin(), in.end());
  padded[0] = padded_input(c, in[0], source);
  Case unpadded = c;
  unpadded.before = unpadded.after = {};
  right(unpadded, padded, out);
}

void padding_wraps(const Case& c, const Way& right, Tensors in, Outputs out) {
  run_with_padding(c, right, in, out,
                   []<class T, std::size_t Rank>(const TensorView<const T, Rank>& from, Extents<Rank> at) {
                     // A position left of the row is the end of the row above: memory order, as an unchecked pointer
                     // reads it.
                     for (std::size_t axis = Rank; axis-- > 3;) {
                       const Index extent = from.extents[axis];
                       const Index rows = at[axis] >= 0 ? at[axis] / extent : -((extent - 1 - at[axis]) / extent);
                       at[axis] -= rows * extent;
                       at[axis - 1] += rows;
                     }
                     return at[2] < 0 || at[2] >= from.extents[2] ? T{0} : from(at);
                   });
}

void padding_repeats_edge(const Case& c, const Way& right, Tensors in, Outputs out) {
  run_with_padding(c, right, in, out,
                   []<class T, std::size_t Rank>(const TensorView<const T, Rank>& from, Extents<Rank> at) {
                     for (std::size_t axis = 2; axis < Rank; ++axis)
                       at[axis] = std::clamp<Index>(at[axis], 0, from.extents[axis] - 1);
                     return from(at);
                   });
}

void padding_reflects(const Case& c, const Way& right, Tensors in, Outputs out) {
  run_with_padding(c, right, in, out,
                   []<class T, std::size_t Rank>(const TensorView<const T, Rank>& from, Extents<Rank> at) {
                     for (std::size_t axis = 2; axis < Rank; ++axis) {
                       const Index last = from.extents[axis] - 1;
                       if (at[axis] < 0) at[axis] = -at[axis];
                       if (at[axis] > last) at[axis] = 2 * last - at[axis];
                       at[axis] = std::clamp<Index>(at[axis], 0, last);  // padding wider than the input
                     }
                     return from(at);
                   });
}

constexpr Way table[] = {
    {"dilation_ignored", "taps lie side by side whatever the dilation", "tensorflow/tensorflow#18454", nullptr,
     dilation_ignored},
    {"dilation_ignored_on_last_axis", "the width is not dilated", "deeplearning4j/deeplearning4j#8320", nullptr,
     dilation_ignored_on_last_axis},
    {"dilation_of_first_axis", "every axis takes the first axis' dilation", "deepjavalibrary/djl#384", nullptr,
     dilation_of_first_axis},
    {"stride_of_first_axis", "every axis takes the first axis' stride", "PaddlePaddle/Paddle#20997", nullptr,
     stride_of_first_axis},
    {"padding_of_first_axis", "every axis takes the first axis' padding", "apache/tvm#9788", nullptr,
     padding_of_first_axis},
    {"padding_forgotten", "the window starts at the first input cell", "pytorch/executorch#10115", nullptr,
     padding_forgotten},
    {"padding_all_before", "all padding lies before the input, none after it", "microsoft/CNTK#909", nullptr,
     padding_all_before},
    {"padding_sides_swapped", "padding before and after change places", "ARM-software/CMSIS_5#831", nullptr,
     padding_sides_swapped},
    {"padding_wraps", "a tap left of a row reads the end of the row above", "openxla/xla#48713", padding_wraps},
    {"padding_repeats_edge", "padding repeats the border instead of being zero",
     "clEsperanto/pyclesperanto_prototype#302", padding_repeats_edge},
    {"kernel_flipped", "convolution as mathematicians define it, with the kernel mirrored", "FluxML/NNlib.jl#208",
     nullptr, kernel_flipped},
    {"kernel_transposed", "height and width of the kernel change places", "torch/cunn#470", nullptr, kernel_transposed},
    {"groups_by_modulo", "output channel oc belongs to group oc % groups", "uxlfoundation/oneDNN#352",
     groups_by_modulo},
    {"first_group_for_all", "every group reads the first group's channels", "pytorch/pytorch#18463",
     first_group_for_all},
    {"bias_forgotten", "the bias is not added", "espressif/esp-dl#26", nullptr, bias_forgotten},
    {"bias_within_group", "every group adds the first group's bias", "robertknight/rten#1408", bias_within_group},
    {"last_taps_of_wide_kernel", "taps of a row beyond a multiple of four are dropped",
     "ARM-software/ComputeLibrary#78", nullptr, last_taps_of_wide_kernel},
    {"last_columns_of_wide_output", "output columns beyond a multiple of eight stay zero",
     "vapoursynth/vapoursynth#1108", last_columns_of_wide_output},
    {"channels_beyond_eight", "input channels beyond a multiple of eight are dropped", "bhuman/CompiledNN#16",
     channels_beyond_eight},
    {"first_image_for_all", "every image of the batch reads the first", "Pegessi/conv2d_direct#1", nullptr,
     first_image_for_all},
    {"strides_in_memory_ignored", "any tensor is read as if it were dense", "pytorch/pytorch#192303", nullptr,
     strides_in_memory_ignored},
    {"rounds_to_tf32", "float inputs lose all but 10 significand bits", "pytorch/pytorch#107514", nullptr,
     rounds_to_tf32<0>},
    {"rounds_to_nearest_tf32", "float inputs are rounded to 10 significand bits", "sonots/cumo#501", nullptr,
     rounds_to_tf32<0x1000>},
    {"dilation_twice", "the dilation is applied twice", "root-project/root#22474", nullptr, dilation_twice},
    {"padding_reflects", "padding mirrors the border instead of being zero", "chaiNNer-org/chaiNNer#3106",
     padding_reflects},
    {"padding_keeps_the_size", "padding is (k-1)/2 whatever was asked", "dotnet/TorchSharp#496", nullptr,
     padding_keeps_the_size},
    {"padding_of_axes_swapped", "padding of height and width change places", "autogluon/autogluon#438", nullptr,
     padding_of_axes_swapped},
    {"dense_read_as_channels_last", "dense memory is read as if the channels were innermost", "NVIDIA/cutlass#1872",
     nullptr, dense_read_as_channels_last},
    {"output_rows_and_columns_swapped", "rows and columns of the output change places", "torch/cunn#470",
     output_rows_and_columns_swapped},
    {"writes_zeros", "every output is zero", "tensorflow/tfjs#8405", writes_zeros},
    {"sum_not_cleared", "the sum goes on from the block of rows before", "tenstorrent/tt-metal#51270", sum_not_cleared},
    {"index_of_16_bits", "taps and channels beyond 2^15 are dropped", "ml-explore/mlx#2504", nullptr, index_of_16_bits},
    {"images_after_the_first_shifted", "images after the first are read one element early", "pytorch/pytorch#188335",
     nullptr, images_after_the_first_shifted},
    {"offset_ignored", "a tensor is read from the beginning of its memory", "huggingface/candle#3736", nullptr,
     offset_ignored},
    {"input_strides_ignored", "the input is read as if it were dense", "traveller59/spconv#469", nullptr,
     strides_ignored<0>},
    {"weight_strides_ignored", "the weight is read as if it were dense", "pytorch/pytorch#1246", nullptr,
     strides_ignored<1>},
    {"output_strides_ignored", "the output is written as if it were dense", "NVIDIA/cutlass#1323",
     output_strides_ignored},
};

}  // namespace

constinit const std::span<const Way> conv_mistakes = table;

}  // namespace refloop
