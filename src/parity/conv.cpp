#include <ATen/Context.h>
#include <torch/nn/functional/conv.h>
#include <torch/nn/functional/padding.h>
#include <torch/nn/modules/conv.h>

#include <algorithm>

#include "parity/families.h"
#include "parity/matrix_product.h"
#include "parity/torch_tensors.h"

namespace refloop::parity {
namespace {

namespace F = torch::nn::functional;

template <std::size_t Dims>
torch::ExpandingArray<Dims> expanding(const Axes& axes) {
  return torch::IntArrayRef(axes.data(), Dims);
}

/// LibTorch pads both sides alike; where a case does not, its input is padded with zeros first.
bool pads_alike(const Case& c) {
  return c.before == c.after;
}

torch::Tensor padded_input(const Case& c, const torch::Tensor& input) {
  if (pads_alike(c)) return input;
  std::vector<std::int64_t> sides;  // last axis first
  for (int axis = c.dims; axis-- > 0;) {
    sides.push_back(c.before[static_cast<std::size_t>(axis)]);
    sides.push_back(c.after[static_cast<std::size_t>(axis)]);
  }
  return F::pad(input, F::PadFuncOptions(sides));
}

template <std::size_t Dims, class Function>
torch::Tensor call_functional(Function&& function, const Case& c, std::span<const AnyTensor> in) {
  auto options = F::ConvFuncOptions<Dims>()
                     .stride(expanding<Dims>(c.stride))
                     .padding(expanding<Dims>(pads_alike(c) ? c.before : Axes{}))
                     .dilation(expanding<Dims>(c.dilation))
                     .groups(c.groups);
  if (c.bias) options.bias(as_torch(in, "bias"));
  return function(padded_input(c, as_torch(in[0])), as_torch(in[1]), options);
}

std::vector<AnyTensor> functional(const Case& c, std::span<const AnyTensor> in) {
  const torch::Tensor output = c.dims == 1   ? call_functional<1>(F::conv1d, c, in)
                               : c.dims == 2 ? call_functional<2>(F::conv2d, c, in)
                                             : call_functional<3>(F::conv3d, c, in);
  return {from_torch("output", output)};
}

template <class Module, std::size_t Dims>
torch::Tensor call_module(const Case& c, std::span<const AnyTensor> in) {
  Module layer(torch::nn::ConvOptions<Dims>(c.channels, c.out_channels, expanding<Dims>(c.kernel))
                   .stride(expanding<Dims>(c.stride))
                   .padding(expanding<Dims>(pads_alike(c) ? c.before : Axes{}))
                   .dilation(expanding<Dims>(c.dilation))
                   .groups(c.groups)
                   .bias(c.bias));
  layer->weight = as_torch(in[1]);
  if (c.bias) layer->bias = as_torch(in, "bias");
  return layer->forward(padded_input(c, as_torch(in[0])));
}

std::vector<AnyTensor> module(const Case& c, std::span<const AnyTensor> in) {
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
Order order(const Case& c) {
  return c.layout == Layout::channels_last && c.dims < 3 && !looks_dense(c) ? Order::channels_last : Order::contiguous;
}

/// MKL's sum begins with its first product, and not with 0, so that -0 alone stays -0: as if it began with -0.
void begins_with_product(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  std::vector<AnyTensor> with_bias(in.begin(), in.end());
  with_bias.push_back(from_torch("bias", torch::full({c.out_channels}, -0.0, as_torch(in[1]).options())));
  c.family->loops(c, Order::contiguous, with_bias, out);
}

constexpr Mistake mkl_quirks[] = {
    {.name = "begins_with_product",
     .says = "MKL: a sum of negative zeros alone stays negative; the textbook's begins with zero",
     .source = "LibTorch 2.7.1 and 2.15.0, official wheels",
     .run = begins_with_product}};

std::span<const Mistake> bugs(const Case& c) {
  const bool meets_it = at::hasMKL() && !matrix_products_are_in_order() && !c.bias;
  if (!meets_it) return {};
  return mkl_quirks;
}

}  // namespace

const TorchFamily torch_conv{.name = "conv",
                             .functional = functional,
                             .module = module,
                             .order = order,
                             .sums_in_onednn = true,
                             .sums_in_matrix_product = [](const Case&) { return true; },
                             .bugs = bugs};

}  // namespace refloop::parity
