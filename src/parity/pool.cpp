#include <torch/nn/functional/pooling.h>
#include <torch/nn/modules/pooling.h>
#include <torch/version.h>

#include <algorithm>

#include "check/dispatch.h"
#include "families/case_tools.h"
#include "families/orders.h"
#include "kernels/pool_loops.h"
#include "parity/families.h"
#include "parity/torch_tensors.h"
#include "parity/windows.h"

namespace refloop::parity {
namespace {

namespace F = torch::nn::functional;

/// How far the last window of each axis hangs over the padded input, as ceil_mode lets it.
Axes overhang(const Case& c) {
  const Axes sizes = output_sizes(c);
  Axes cells{};
  for (std::size_t axis = 0; axis < static_cast<std::size_t>(c.dims); ++axis) {
    const Index reached = (sizes[axis] - 1) * c.stride[axis] + reach(c.kernel[axis], c.dilation[axis]);
    cells[axis] = std::max<Index>(0, reached - c.before[axis] - c.input[axis] - c.after[axis]);
  }
  return cells;
}

// ---- max and min ----

template <std::size_t Dims>
torch::nn::MaxPoolOptions<Dims> max_options(const Case& c) {
  return torch::nn::MaxPoolOptions<Dims>(expanding<Dims>(c.kernel))
      .stride(expanding<Dims>(c.stride))
      .padding(expanding<Dims>(c.before))
      .dilation(expanding<Dims>(c.dilation))
      .ceil_mode(c.ceil);
}

struct Pooled {
  torch::Tensor values, indices;  // no indices where none were asked for
};

template <std::size_t Dims, class Plain, class WithIndices>
Pooled max_functional(Plain&& plain, WithIndices&& with_indices, const Case& c, const torch::Tensor& input) {
  const auto options = max_options<Dims>(c);
  if (!c.indices) return {plain(input, options), {}};
  const auto [values, indices] = with_indices(input, options);
  return {values, indices};
}

template <class Module, std::size_t Dims>
Pooled max_module(const Case& c, const torch::Tensor& input) {
  Module layer(max_options<Dims>(c));
  if (!c.indices) return {layer->forward(input), {}};
  const auto [values, indices] = layer->forward_with_indices(input);
  return {values, indices};
}

Pooled max_by_functional(const Case& c, const torch::Tensor& input) {
  switch (c.dims) {
    case 1:
      return max_functional<1>(F::max_pool1d, F::max_pool1d_with_indices, c, input);
    case 2:
      return max_functional<2>(F::max_pool2d, F::max_pool2d_with_indices, c, input);
    default:
      return max_functional<3>(F::max_pool3d, F::max_pool3d_with_indices, c, input);
  }
}

Pooled max_by_module(const Case& c, const torch::Tensor& input) {
  switch (c.dims) {
    case 1:
      return max_module<torch::nn::MaxPool1d, 1>(c, input);
    case 2:
      return max_module<torch::nn::MaxPool2d, 2>(c, input);
    default:
      return max_module<torch::nn::MaxPool3d, 3>(c, input);
  }
}

/// LibTorch pads both sides alike. Where a case does not, its input is padded first, as far as the windows reach, with
/// what the search for the largest starts with: that beats nothing, but indices would count it.
template <Pooled (*max)(const Case&, const torch::Tensor&)>
Pooled max_of(const Case& c, const torch::Tensor& input) {
  if (pads_alike(c)) return max(c, input);
  if (c.indices) throw Error("max_pool pads both sides alike when it returns indices");
  const auto start = dispatch(c.dtype, []<class T>() { return torch::Scalar(Larger::start<T>()); });
  Case rest = c;
  rest.before = rest.after = {};
  rest.ceil = false;
  return max(rest, padded(padded(input, c.before, c.after, start), {}, overhang(c), start));
}

std::vector<AnyTensor> outputs(const Pooled& pooled) {
  std::vector<AnyTensor> tensors{from_torch("output", pooled.values)};
  if (pooled.indices.defined()) tensors.push_back(from_torch("indices", pooled.indices));
  return tensors;
}

template <Pooled (*max)(const Case&, const torch::Tensor&)>
std::vector<AnyTensor> max_pool(const Case& c, Tensors in) {
  return outputs(max_of<max>(c, as_torch(in[0])));
}

/// LibTorch has no min pooling. Its maximum of the values turned round is one: -x for floats, and ~x for integers,
/// which the lowest integer and unsigned types survive too.
template <Pooled (*max)(const Case&, const torch::Tensor&)>
std::vector<AnyTensor> min_pool(const Case& c, Tensors in) {
  const torch::Tensor input = as_torch(in[0]);
  const auto turned = [](const torch::Tensor& tensor) {
    return tensor.is_floating_point() ? tensor.neg() : tensor.bitwise_not();
  };
  Pooled pooled = max_of<max>(c, turned(input));
  pooled.values = turned(pooled.values);
  return outputs(pooled);
}

// ---- average ----

template <class Options, std::size_t Dims>
Options avg_options(const Case& c) {
  Options options(expanding<Dims>(c.kernel));
  options.stride(expanding<Dims>(c.stride))
      .padding(expanding<Dims>(c.before))
      .ceil_mode(c.ceil)
      .count_include_pad(!c.exclude_pad);
  if constexpr (Dims > 1) {
    if (c.divisor) options.divisor_override(*c.divisor);
  }
  return options;
}

/// Integers toward zero, as pools do.
torch::Tensor divided(const torch::Tensor& sums, const torch::Tensor& divisors) {
  return sums.is_floating_point() ? sums / divisors + 0 : torch::div(sums, divisors, "trunc");
}

bool is_dilated(const Case& c) {
  return c.dilation != Axes{1, 1, 1};
}
bool goes_by_convolution(const Case& c) {
  return is_dilated(c) || !pads_alike(c);
}

/// LibTorch's average pooling has no dilation, and pads both sides alike. A depthwise convolution with ones sums the
/// same taps in the same order (integers in 64 bits, as pools do), and one over a plane of ones counts them.
torch::Tensor average_by_convolution(const Case& c, const torch::Tensor& input) {
  const Axes none{};
  const auto first = [&](const Axes& axes) {
    return torch::IntArrayRef(axes.data(), static_cast<std::size_t>(c.dims));
  };
  const auto sum = [&](const torch::Tensor& tensor, double padding) {
    const torch::Tensor cells = padded(padded(tensor, c.before, c.after, padding), {}, overhang(c), 0);
    const torch::Tensor ones = torch::ones(with_axes(c.channels, 1, c.kernel, c.dims), cells.options());
    return torch::convolution(cells, ones, /*bias=*/{}, first(c.stride), /*padding=*/first(none), first(c.dilation),
                              /*transposed=*/false, /*output_padding=*/first(none), /*groups=*/c.channels);
  };
  const torch::Tensor wide = input.is_floating_point() ? input : input.to(torch::kInt64);
  const torch::Tensor sums = sum(wide, 0);
  if (c.divisor) return divided(sums, torch::full_like(sums, *c.divisor)).to(input.scalar_type());
  const torch::Tensor counts = sum(torch::ones_like(wide), c.exclude_pad ? 0 : 1);
  return divided(sums, counts).masked_fill(counts.eq(0), 0).to(input.scalar_type());
}

bool lacks_divisor(const Case& c) {
  return c.dims == 1 && c.divisor;
}

/// What LibTorch's avg_pool1d lacks it does as an avg_pool2d of height 1.
torch::Tensor average_of_rows(const Case& c, const torch::Tensor& input) {
  const auto options = F::AvgPool2dFuncOptions({1, c.kernel[0]})
                           .stride({1, c.stride[0]})
                           .padding({0, c.before[0]})
                           .ceil_mode(c.ceil)
                           .count_include_pad(!c.exclude_pad)
                           .divisor_override(*c.divisor);
  return F::avg_pool2d(input.clone(torch::MemoryFormat::Contiguous).unsqueeze(2), options).squeeze(2);
}

torch::Tensor avg_by_functional(const Case& c, const torch::Tensor& input) {
  switch (c.dims) {
    case 1:
      return F::avg_pool1d(input, avg_options<F::AvgPool1dFuncOptions, 1>(c));
    case 2:
      return F::avg_pool2d(input, avg_options<F::AvgPool2dFuncOptions, 2>(c));
    default:
      return F::avg_pool3d(input, avg_options<F::AvgPool3dFuncOptions, 3>(c));
  }
}

torch::Tensor avg_by_module(const Case& c, const torch::Tensor& input) {
  switch (c.dims) {
    case 1:
      return torch::nn::AvgPool1d(avg_options<torch::nn::AvgPool1dOptions, 1>(c))->forward(input);
    case 2:
      return torch::nn::AvgPool2d(avg_options<torch::nn::AvgPool2dOptions, 2>(c))->forward(input);
    default:
      return torch::nn::AvgPool3d(avg_options<torch::nn::AvgPool3dOptions, 3>(c))->forward(input);
  }
}

template <torch::Tensor (*average)(const Case&, const torch::Tensor&)>
std::vector<AnyTensor> avg_pool(const Case& c, Tensors in) {
  const torch::Tensor input = as_torch(in[0]);
  const torch::Tensor output = goes_by_convolution(c) ? average_by_convolution(c, input)
                               : lacks_divisor(c)     ? average_of_rows(c, input)
                                                      : average(c, input);
  return {from_torch("output", output)};
}

/// avg_pool2d, and avg_pool1d through it, has a channels_last kernel, for what LibTorch takes for channels_last.
const Way* avg_order(const Case& c) {
  if (c.dims > 2 || goes_by_convolution(c) || lacks_divisor(c)) return contiguous_order(c);
  const Strided input = lying_in(input_shape(c), c.x.layout);
  const bool channels_last = looks_channels_last(c.dims == 1 ? with_height_1(input) : input);
  return channels_last ? channels_last_order(c) : contiguous_order(c);
}

// ---- bugs of LibTorch's own ----

/// Where nothing beats the value that the search starts with (an empty window, or one full of that value), the kernel
/// of max_pool3d on channels_last_3d memory answers with the position of the first read; in the channels that its
/// vectors leave over, without that position's depth.
template <class Extreme>
void loses_depth(const Case& c, const Way& right, Tensors in, Outputs out) {
  right(c, in, out);
  dispatch(c.dtype, [&]<class T>() {
    const auto values = out[0].view<T, 5>();
    const auto indices = out[1].view<Index, 5>();
    constexpr Index vector = 32 / sizeof(T);  // on machines with AVX-512 too
    const Index in_vectors = c.channels - c.channels % vector;
    for (const auto& at : positions(values.extents)) {
      if (at[1] < in_vectors || values(at) != Extreme::template start<T>()) continue;
      const auto read = first_read(window_of<3>(c), {at[2], at[3], at[4]});
      indices(at) = flat_position(Extents<3>{0, read[1], read[2]}, c.input);
    }
  });
}

template <class Extreme>
constexpr Way bugs_with_indices[] = {
    {.name = "index_loses_depth",
     .says = "LibTorch bug: max_pool3d on channels_last_3d loses the depth of an index where nothing beats the start",
     .source = "LibTorch 2.6, 2.7.1 and 2.15.0; 1.13 copies to dense memory first",
     .run = loses_depth<Extreme>}};

template <class Extreme>
std::span<const Way> bugs(const Case& c) {
  const bool meets_it =
      TORCH_VERSION_MAJOR >= 2 && c.dims == 3 && c.indices && looks_channels_last(lying_in(input_shape(c), c.x.layout));
  if (!meets_it) return {};
  return bugs_with_indices<Extreme>;
}

}  // namespace

const TorchFamily torch_max_pool{.name = "max_pool",
                                 .functional = max_pool<max_by_functional>,
                                 .module = max_pool<max_by_module>,
                                 .order = contiguous_order,
                                 .sums_in_onednn = false,
                                 .bugs = bugs<Larger>};
const TorchFamily torch_min_pool{.name = "min_pool",
                                 .functional = min_pool<max_by_functional>,
                                 .module = min_pool<max_by_module>,
                                 .order = contiguous_order,
                                 .sums_in_onednn = false,
                                 .bugs = bugs<Smaller>};
const TorchFamily torch_avg_pool{.name = "avg_pool",
                                 .functional = avg_pool<avg_by_functional>,
                                 .module = avg_pool<avg_by_module>,
                                 .order = avg_order,
                                 .sums_in_onednn = false,
                                 .sums_in_matrix_product = goes_by_convolution};

}  // namespace refloop::parity
