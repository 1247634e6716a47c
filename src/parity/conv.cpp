#include <torch/nn/functional/conv.h>
#include <torch/nn/modules/conv.h>

#include "families/case_tools.h"
#include "families/orders.h"
#include "parity/families.h"
#include "parity/torch_tensors.h"
#include "parity/windows.h"

namespace refloop::parity {
namespace {

namespace F = torch::nn::functional;

/// Where a case does not pad both sides alike, its input is padded with zeros first.
torch::Tensor input_of(const Case& c, Tensors in) {
  const torch::Tensor input = as_torch(in[0]);
  return pads_alike(c) ? input : padded(input, c.before, c.after, 0);
}
/// What is left for LibTorch to pad.
template <std::size_t Dims>
torch::ExpandingArray<Dims> padding_of(const Case& c) {
  return expanding<Dims>(pads_alike(c) ? c.before : Axes{});
}

template <std::size_t Dims, class Function>
torch::Tensor call_functional(Function&& function, const Case& c, Tensors in) {
  auto options = F::ConvFuncOptions<Dims>()
                     .stride(expanding<Dims>(c.stride))
                     .padding(padding_of<Dims>(c))
                     .dilation(expanding<Dims>(c.dilation))
                     .groups(c.groups);
  if (c.bias) options.bias(as_torch(in, "bias"));
  return function(input_of(c, in), as_torch(in[1]), options);
}

std::vector<AnyTensor> functional(const Case& c, Tensors in) {
  const torch::Tensor output = c.dims == 1   ? call_functional<1>(F::conv1d, c, in)
                               : c.dims == 2 ? call_functional<2>(F::conv2d, c, in)
                                             : call_functional<3>(F::conv3d, c, in);
  return {from_torch("output", output)};
}

template <class Module, std::size_t Dims>
torch::Tensor call_module(const Case& c, Tensors in) {
  Module layer(torch::nn::ConvOptions<Dims>(c.channels, c.out_channels, expanding<Dims>(c.kernel))
                   .stride(expanding<Dims>(c.stride))
                   .padding(padding_of<Dims>(c))
                   .dilation(expanding<Dims>(c.dilation))
                   .groups(c.groups)
                   .bias(c.bias));
  layer->weight = as_torch(in[1]);
  if (c.bias) layer->bias = as_torch(in, "bias");
  return layer->forward(input_of(c, in));
}

std::vector<AnyTensor> module(const Case& c, Tensors in) {
  const torch::Tensor output = c.dims == 1   ? call_module<torch::nn::Conv1d, 1>(c, in)
                               : c.dims == 2 ? call_module<torch::nn::Conv2d, 2>(c, in)
                                             : call_module<torch::nn::Conv3d, 3>(c, in);
  return {from_torch("output", output)};
}

/// As `contiguous` leaves a tensor: where it lies so already, whatever the strides of axes of size 1, it stays as it
/// is.
Strided contiguous_in(const Strided& tensor, bool channels_last) {
  const Strided fresh = lying_in(tensor.shape, channels_last ? Layout::channels_last : Layout::dense);
  for (std::size_t axis = 0; axis < tensor.shape.size(); ++axis) {
    if (tensor.shape[axis] != 1 && tensor.strides[axis] != fresh.strides[axis]) return fresh;
  }
  return tensor;
}

Strided input_as_passed(const Case& c) {
  Strided input = lying_in(input_shape(c), c.x.layout);
  if (!pads_alike(c)) {  // constant_pad_nd makes a new tensor, in the format that it takes the old one for
    const bool channels_last = looks_channels_last(input);
    for (std::size_t axis = 0; axis < static_cast<std::size_t>(c.dims); ++axis) {
      input.shape[axis + 2] += c.before[axis] + c.after[axis];
    }
    input = lying_in(input.shape, channels_last ? Layout::channels_last : Layout::dense);
  }
  // conv1d is a conv2d of height 1, on input that is made dense first.
  return c.dims == 1 ? with_height_1(contiguous_in(input, false)) : input;
}

Strided weight_as_passed(const Case& c) {
  const Strided weight = lying_in(with_axes(c.out_channels, c.channels / c.groups, c.kernel, c.dims), c.w.layout);
  return c.dims == 1 ? with_height_1(weight) : weight;
}

/// The channels_last form is taken where the input or the weight lies so; conv3d has none. Both are made contiguous in
/// the format, with groups each part in the format that the whole looks like, and looked at once more.
const Way* order(const Case& c) {
  if (c.dims > 2) return contiguous_order(c);
  Strided input = input_as_passed(c), weight = weight_as_passed(c);
  const bool channels_last = looks_channels_last(input) || looks_channels_last(weight);
  input = contiguous_in(input, channels_last);
  weight = contiguous_in(weight, channels_last);
  if (c.groups > 1) {
    Strided part = input;
    part.shape[1] /= c.groups;
    input = contiguous_in(part, looks_channels_last(input));
    part = weight;
    part.shape[0] /= c.groups;
    weight = contiguous_in(part, looks_channels_last(weight));
  }
  return looks_channels_last(input) || looks_channels_last(weight) ? channels_last_order(c) : contiguous_order(c);
}

}  // namespace

const TorchFamily torch_conv{.name = "conv",
                             .functional = functional,
                             .module = module,
                             .order = order,
                             .sums_in_onednn = true,
                             .sums_in_matrix_product = [](const Case&) { return true; }};

}  // namespace refloop::parity
