#include <torch/nn/functional/conv.h>
#include <torch/nn/modules/conv.h>

#include <algorithm>

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

/// With one tap and one channel per group LibTorch can't tell channels_last strides from dense ones in some shapes, and
/// takes them for dense. All that depends on it is the sign of a zero: bias + product against (0 + product) + bias.
bool looks_dense(const Case& c) {
  const auto all_one = [&](const Axes& axes) { return std::count(axes.begin(), axes.begin() + c.dims, 1) == c.dims; };
  if (c.channels != c.groups || !all_one(c.kernel)) return false;
  const bool one_cell = all_one(c.input) && (c.groups == 1 || pads_alike(c));
  return one_cell ? c.groups == 1 || c.batch > 1 : c.dims == 1 && (c.groups > 1 || !pads_alike(c));
}

/// conv1d is a conv2d of height 1, and has its channels_last form; conv3d copies to dense memory first.
const Way* order(const Case& c) {
  const bool channels_last = c.layout == Layout::channels_last && c.dims < 3 && !looks_dense(c);
  return channels_last ? channels_last_order(c) : contiguous_order(c);
}

}  // namespace

const TorchFamily torch_conv{.name = "conv",
                             .functional = functional,
                             .module = module,
                             .order = order,
                             .sums_in_onednn = true,
                             .sums_in_matrix_product = [](const Case&) { return true; }};

}  // namespace refloop::parity
