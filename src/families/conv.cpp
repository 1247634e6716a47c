// What convolution is to the engine: its settings, legality, inputs, exactness and loops.
#include "families/conv.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "check/bound.h"
#include "check/common_fields.h"
#include "check/data.h"
#include "check/tensors.h"
#include "check/terms.h"
#include "families/case_tools.h"
#include "families/conv_transforms.h"
#include "families/fold.h"
#include "families/plugin_tools.h"
#include "kernels/conv_loops.h"

namespace refloop {
namespace {

constexpr Field fields[] = {
    {.key = "n", .word = "batch", .kind = &kind::number<&Case::batch>, .least = 0, .most = 5},
    {.key = "c", .word = "channels", .kind = &kind::number<&Case::channels>, .least = 1, .most = 10},
    {.key = "i", .word = "input size", .kind = &kind::axes<&Case::input>, .least = 1, .most = 12, .required = true},
    {.key = "o", .word = "output channels", .kind = &kind::number<&Case::out_channels>, .least = 1, .most = 10},
    {.key = "k", .word = "kernel", .kind = &kind::axes<&Case::kernel>, .least = 1, .most = 4, .required = true},
    {.key = "s", .word = "stride", .kind = &kind::axes<&Case::stride>, .least = 1, .most = 3},
    {.key = "p", .word = "padding", .kind = &kind::axes<&Case::before>, .least = 0, .most = 3},
    {.key = "q", .word = "padding after", .kind = &kind::axes_as<&Case::after, &Case::before>, .least = 0, .most = 3},
    {.key = "d", .word = "dilation", .kind = &kind::axes<&Case::dilation>, .least = 1, .most = 3},
    {.key = "g", .word = "groups", .kind = &kind::number<&Case::groups>, .least = 1, .most = 4},
    {.key = "bias", .word = "bias", .kind = &kind::flag<&Case::bias>},
    weight_layout,
    weight_offset,
};

constexpr DType dtypes[] = {DType::f64,   DType::f32,  DType::int64, DType::int32,
                            DType::int16, DType::int8, DType::uint8};

std::vector<Index> weight_shape(const Case& c) {
  return with_axes(c.out_channels, c.channels / c.groups, c.kernel, c.dims);
}

void legal(const Case& c) {
  const std::string name = operator_name(c);
  if (c.groups < 1 || c.channels % c.groups != 0 || c.out_channels % c.groups != 0) {
    refuse(name, "g (groups) takes a number that divides both c and o, " + std::to_string(c.channels) + " and " +
                     std::to_string(c.out_channels) + ", not " + std::to_string(c.groups));
  }
  check_conv(name, input_shape(c), weight_shape(c), c.bias ? std::optional(c.out_channels) : std::nullopt,
             window_numbers(c), c.groups);
  check_elements("input", input_shape(c));
  check_elements("weight", weight_shape(c));
  check_elements("output", with_axes(c.batch, c.out_channels, output_sizes(c), c.dims));
}

void settle(Case& c) {
  const auto up_to_multiple = [&](Index value) { return (value + c.groups - 1) / c.groups * c.groups; };
  c.channels = up_to_multiple(c.channels);
  c.out_channels = up_to_multiple(c.out_channels);
  settle_window(c);
}

/// Square odd kernels that keep the size, or halve it; now and then depthwise.
void as_in_networks(Case& c, const Draw& draw, Index position) {
  const Index kernel = one_of(draw, position, {3, 3, 3, 1, 5, 7});
  fill_axes(c, &Case::kernel, kernel);
  fill_axes(c, &Case::stride, one_of(draw, position + 1, {1, 1, 1, 2}));
  fill_axes(c, &Case::before, kernel / 2);
  fill_axes(c, &Case::after, kernel / 2);
  fill_axes(c, &Case::dilation, 1);
  const bool depthwise = draw.between(0, 3, position + 2) == 0;
  c.groups = depthwise ? c.channels : 1;
  if (depthwise) c.out_channels = c.channels * one_of(draw, position + 3, {1, 1, 2});
}

Index terms_of(const Case& c) {
  return c.channels / c.groups * volume_of(c.kernel, c.dims);
}

/// Integer data: every partial sum stays below exact_limit in any order, since
/// kept * magnitude * magnitude + magnitude does; `kept` weights per filter are not zero.
struct IntegerGrid {
  Index kept, magnitude;
};
IntegerGrid integer_grid(const Case& c) {
  const Index limit = exact_limit(c.dtype);
  const Index terms = terms_of(c);
  if (terms + 1 >= limit) return {limit - 2, 1};
  constexpr Index most = 4096;
  Index magnitude = 1;
  while (magnitude < most && terms * (magnitude + 1) * (magnitude + 1) + magnitude + 1 < limit) ++magnitude;
  return {terms, magnitude};
}

void fill_integer(const Case& c, Outputs tensors) {
  const IntegerGrid grid = integer_grid(c);
  for (auto& tensor : tensors) fill_integers(tensor, c, grid.magnitude);
  const Index terms = terms_of(c);
  if (grid.kept == terms) return;

  // Where even +-1 everywhere would overflow, `kept` evenly spread weights of each filter stay.
  const Draw draw(c.seed, "kept weights");
  const bool with_sign = !is_unsigned(c.dtype);
  fill(tensors[1], [&](Index position) -> Index {
    const Index turned = (position + draw.between(0, terms - 1, position / terms)) % terms;
    const bool keep = (turned + 1) * grid.kept / terms != turned * grid.kept / terms;
    if (!keep) return 0;
    return with_sign && (draw(position, 1) & 1) != 0 ? -1 : 1;
  });
}

/// Few products of +-1 with numbers that use the whole significand. Exact in any order: at most `few` terms and a bias,
/// each below exact_limit / (few + 1). On odd seeds the input is sparse and the weights are wide.
void fill_wide(const Case& c, Outputs tensors) {
  const Draw draw(c.seed, "wide");
  const bool with_sign = !is_unsigned(c.dtype);
  const Index few = (draw(0) & 1) != 0 ? 2 : 4;
  const Index limit = exact_limit(c.dtype) / (few + 1);
  const auto sign = [&](Index position) -> Index { return with_sign && (draw(position, 2) & 1) != 0 ? -1 : 1; };
  const auto fill_dense = [&](AnyTensor& tensor) {
    const Draw values(c.seed, tensor.name);
    fill(tensor, [&](Index position) { return wide_value(values, position, limit, with_sign); });
  };
  if (tensors.size() > 2) fill_dense(tensors[2]);

  const Index terms = terms_of(c);
  if (c.seed % 2 == 0) {
    fill_dense(tensors[0]);
    fill(tensors[1], [&](Index position) {
      const Index filter = position / terms;
      const Index turned = (position % terms + draw.between(0, terms - 1, filter, 1)) % terms;
      const Index kept = std::min(few, terms);
      return (turned + 1) * kept / terms != turned * kept / terms ? sign(position) : 0;
    });
    return;
  }

  // Positions congruent to 0 ... d-1 modulo d*k meet exactly one tap of each window, on every axis.
  fill_dense(tensors[1]);
  const Index channels_per_group = c.channels / c.groups;
  fill(tensors[0], [&](Index position) -> Index {
    Index rest = position;
    for (std::size_t axis = static_cast<std::size_t>(c.dims); axis-- > 0;) {
      const Index at = rest % c.input[axis];
      rest /= c.input[axis];
      if (at % (c.dilation[axis] * c.kernel[axis]) >= c.dilation[axis]) return 0;
    }
    const Index in_group = rest % c.channels % channels_per_group;
    return (in_group + static_cast<Index>(c.seed / 2)) % channels_per_group < few ? sign(position) : 0;
  });
}

/// Every input its own number (as far as the type goes), one weight per filter 1: the output names the input read.
void fill_coded(const Case& c, Outputs tensors) {
  const Draw draw(c.seed, "coded");
  const Index codes = exact_limit(c.dtype) - 1;
  const Index terms = terms_of(c);
  fill(tensors[0], [&](Index position) { return position % codes + 1; });
  fill(tensors[1], [&](Index position) -> Index {
    return position % terms == draw.between(0, terms - 1, position / terms) ? 1 : 0;
  });
  if (tensors.size() > 2) fill(tensors[2], [](Index) { return 0; });
}

/// Whole numbers and what is special among them. The largest number meets weights of +-1 alone, what is not finite in
/// the inputs also weights of 0; half of what is scaled down becomes the smallest normal numbers, which nobody flushes.
void fill_special(const Case& c, Outputs tensors) {
  const Index terms = terms_of(c);
  const Draw draw(c.seed, "not finite");
  const Special special = special_of(c, 5);
  fill_integer(c, tensors);
  switch (special) {
    case Special::inputs_not_finite:
      put_zeros(tensors[1], c);
      return put_apart(tensors[0], c, c.channels / c.groups, [&](Index at) { return not_finite(draw, at); });
    case Special::weights_not_finite:
      return dispatch(Types<double, float>{}, c.dtype, [&]<class T>() {
        T* const elements = static_cast<T*>(tensors[1].data);
        Index position = 0;
        for_each_offset(tensors[1], [&](Index offset) {
          const Index filter = position / terms, at = position++ % terms;
          const bool is_taken = draw.between(0, 1, filter, 1) == 0 && draw.between(0, terms - 1, filter, 2) == at;
          if (is_taken) elements[offset] = static_cast<T>(not_finite(draw, filter));
        });
      });
    case Special::largest:
      dispatch(Types<double, float>{}, c.dtype, [&]<class T>() {
        T* const elements = static_cast<T*>(tensors[1].data);
        for_each_offset(tensors[1], [&](Index offset) {
          if (elements[offset] != 0) elements[offset] = std::copysign(T{1}, elements[offset]);
        });
        put_apart(tensors[0], c, c.channels / c.groups, [&](Index at) {
          return (draw(at, 3) & 1) != 0 ? std::numeric_limits<T>::max() : std::numeric_limits<T>::lowest();
        });
      });
      return;
    case Special::signed_zeros:
      return put_signed_zeros(tensors[0], c);
    case Special::subnormal: {
      const bool is_normal = (draw(0) & 1) != 0;
      const double scale = is_normal ? static_cast<double>(exact_limit(c.dtype)) : 1;
      make_subnormal(tensors[0], scale);
      if (tensors.size() > 2) make_subnormal(tensors[2], scale);
    }
  }
}

std::vector<AnyTensor> inputs(const Case& c) {
  auto tensors =
      list_of(make_tensor("input", c.dtype, input_shape(c), c.x), make_tensor("weight", c.dtype, weight_shape(c), c.w));
  if (c.bias) tensors.push_back(make_tensor("bias", c.dtype, {c.out_channels}));
  switch (c.data) {
    case Data::integer:
      fill_integer(c, tensors);
      break;
    case Data::wide:
      fill_wide(c, tensors);
      break;
    case Data::coded:
      fill_coded(c, tensors);
      break;
    case Data::real:
      for (auto& tensor : tensors) fill_real(tensor, c);
      break;
    case Data::special:
      if (!is_integer_type(c.dtype)) {
        fill_special(c, tensors);
        break;
      }
      [[fallthrough]];  // extremes, which wrap alike in any order
    case Data::wild:
      // About one special product in each output.
      for (auto& tensor : tensors) fill_wild(tensor, c, std::max<Index>(4, 2 * terms_of(c)));
      break;
  }
  return tensors;
}

std::vector<AnyTensor> outputs(const Case& c) {
  return list_of(make_tensor("output", c.dtype, with_axes(c.batch, c.out_channels, output_sizes(c), c.dims), c.y));
}

Index work(const Case& c) {
  return c.batch * c.out_channels * volume_of(output_sizes(c), c.dims) * terms_of(c);
}

/// By construction on all but real and wild data; integers wrap alike in any order.
bool all_orders_agree(const Case& c) {
  return (c.data != Data::real && c.data != Data::wild) || is_integer_type(c.dtype);
}

std::vector<Case> twins(const Case& c) {
  return {with_data(c, Data::integer), with_data(c, Data::wide)};
}

std::vector<TermAxis> term_axes(const Case& c) {
  std::vector<TermAxis> axes{{"c", c.channels / c.groups}};
  add_tap_axes(axes, c);
  return axes;
}

// A kernel that declares nothing is told the first whose bound it keeps: the commonest come first.
constexpr Algorithm algorithms[] = {direct_sums, winograd_4x4, winograd_6x6, winograd_4x4_sqrt2, winograd_2x2, fft};

/// Calls `loops.operator()<T>(input, weight, bias, window, groups, output)` with the tensors of the case.
template <class Loops>
void run_loops(const Case& c, Tensors in, Outputs out, Loops&& loops) {
  dispatch(c.dtype, c.dims, [&]<class T, std::size_t Rank>() {
    std::optional<TensorView<const T, 1>> bias;
    if (const AnyTensor* given = find(in, "bias")) bias = given->view<T, 1>();
    loops.template operator()<T>(in[0].view<T, Rank>(), in[1].view<T, Rank>(), bias, window_of<Rank - 2>(c), c.groups,
                                 out[0].view<T, Rank>());
  });
}

void channels_then_taps(const Case& c, const Way&, Tensors in, Outputs out) {
  run_loops(c, in, out, []<class T>(const auto&... arguments) { conv_loops<InOrder<T>>(arguments...); });
}
void taps_then_channels(const Case& c, const Way&, Tensors in, Outputs out) {
  run_loops(c, in, out,
            []<class T>(const auto&... arguments) { conv_taps_outside<StartLast<InOrder<T>>>(arguments...); });
}
void from_first_product(const Case& c, const Way&, Tensors in, Outputs out) {
  run_loops(c, in, out, []<class T>(const auto&... arguments) { conv_loops<FromFirst<InOrder<T>>>(arguments...); });
}

/// The terms in one of the nests.
template <class Loops>
void each_sum(const Case& c, Tensors in, const SeeTerms& see, Loops&& loops) {
  const auto shape = with_axes(c.batch, c.out_channels, output_sizes(c), c.dims);
  dispatch(Types<double, float>{}, c.dtype, [&]<class T>() {
    dispatch_rank(c.dims, [&]<std::size_t Rank>() {
      std::optional<TensorView<const T, 1>> bias;
      if (const AnyTensor* given = find(in, "bias")) bias = given->view<T, 1>();
      Seen seen(see);
      loops.template operator()<Recorded<T>>(in[0].view<T, Rank>(), in[1].view<T, Rank>(), bias, window_of<Rank - 2>(c),
                                             c.groups, seen_output<Rank>(seen, shape));
    });
  });
}

constexpr Nest nests[] = {
    {.name = "channels_then_taps",
     .each =
         [](const Case& c, Tensors in, const SeeTerms& see) {
           each_sum(c, in, see, []<class Sum>(const auto&... arguments) { conv_loops<Sum>(arguments...); });
         }},
    {.name = "taps_then_channels", .each = [](const Case& c, Tensors in, const SeeTerms& see) {
       each_sum(c, in, see, []<class Sum>(const auto&... arguments) { conv_taps_outside<Sum>(arguments...); });
     }}};

AnyTensor fold(const Case& c, Tensors in, const AnyTensor& output, std::uint64_t draw) {
  return folded_conv(c, in, output, draw).due;
}

std::vector<Argument> arguments(const Case& c) {
  std::vector<Argument> told = window_arguments(c);
  told.push_back({"groups", c.groups});
  return told;
}

int plugin(void* symbol, const Case& c, Tensors in, Outputs out) {
  auto params = window_params<refloop_conv_params>(c);
  params.groups = c.groups;
  Described input(in[0]), weight(in[1]), output(out[0]);
  MaybeDescribed bias(find(in, "bias"));
  return reinterpret_cast<decltype(&refloop_conv2d)>(symbol)(input, weight, bias, &params, output);
}

constexpr Way orders[] = {
    {.name = "channels_then_taps",
     .says = "from the bias on, channel by channel, in each the taps row by row",
     .source = "include/refloop/conv.h; LibTorch on contiguous memory",
     .run = channels_then_taps},
    {.name = "taps_then_channels",
     .says = "tap by tap, in each all channels, the bias last",
     .source = "LibTorch on channels_last memory",
     .run = taps_then_channels},
    {.name = "from_first_product",
     .says = "as channels_then_taps, but without a bias from the first product on: nothing but -0 stays -0",
     .source = "MKL, in the official wheels",
     .run = from_first_product},
};

}  // namespace

constinit const Family family::conv{.name = "conv",
                                    .says = "convolution with stride, padding, dilation, groups and bias",
                                    .fields = fields,
                                    .dtypes = dtypes,
                                    .legal = legal,
                                    .settle = settle,
                                    .as_in_networks = as_in_networks,
                                    .inputs = inputs,
                                    .outputs = outputs,
                                    .all_orders_agree = all_orders_agree,
                                    .work = work,
                                    .arguments = arguments,
                                    .plugin = plugin,
                                    .nests = nests,
                                    .term_axes = term_axes,
                                    .algorithms = algorithms,
                                    .undetermined = nullptr,
                                    .twins = twins,
                                    .fold = fold,
                                    .orders = orders,
                                    .mistakes = conv_mistakes,
                                    .sweeps = conv_sweeps};

}  // namespace refloop
