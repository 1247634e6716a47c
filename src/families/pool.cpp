// What max, min and average pooling are to the engine: one file, three families.
#include "families/pool.h"

#include <algorithm>
#include <cmath>

#include "check/bound.h"
#include "check/common_fields.h"
#include "check/data.h"
#include "check/tensors.h"
#include "check/terms.h"
#include "families/case_tools.h"
#include "families/fold.h"
#include "families/plugin_tools.h"

namespace refloop {
namespace {

constexpr Field batch_field{.key = "n", .word = "batch", .kind = &kind::number<&Case::batch>, .least = 0, .most = 5};
constexpr Field channels_field{
    .key = "c", .word = "channels", .kind = &kind::number<&Case::channels>, .least = 1, .most = 6};
constexpr Field input_field{
    .key = "i", .word = "input size", .kind = &kind::axes<&Case::input>, .least = 1, .most = 12, .required = true};
constexpr Field kernel_field{
    .key = "k", .word = "kernel", .kind = &kind::axes<&Case::kernel>, .least = 1, .most = 4, .required = true};
constexpr Field stride_field{
    .key = "s", .word = "stride", .kind = &kind::axes_as<&Case::stride, &Case::kernel>, .least = 1, .most = 4};
constexpr Field padding_field{.key = "p", .word = "padding", .kind = &kind::axes<&Case::before>, .least = 0, .most = 2};
constexpr Field padding_after_field{
    .key = "q", .word = "padding after", .kind = &kind::axes_as<&Case::after, &Case::before>, .least = 0, .most = 2};
constexpr Field dilation_field{
    .key = "d", .word = "dilation", .kind = &kind::axes<&Case::dilation>, .least = 1, .most = 3};
constexpr Field ceil_field{.key = "ceil", .word = "ceil_mode", .kind = &kind::flag<&Case::ceil>};

constexpr Field extreme_fields[] = {
    batch_field,         channels_field,
    input_field,         kernel_field,
    stride_field,        padding_field,
    padding_after_field, dilation_field,
    ceil_field,          {.key = "indices", .word = "return_indices", .kind = &kind::flag<&Case::indices>}};
constexpr Field avg_fields[] = {
    batch_field,
    channels_field,
    input_field,
    kernel_field,
    stride_field,
    padding_field,
    padding_after_field,
    dilation_field,
    ceil_field,
    {.key = "excludepad", .word = "count_include_pad=False", .kind = &kind::flag<&Case::exclude_pad>},
    {.key = "div", .word = "divisor_override", .kind = &kind::optional_number<&Case::divisor>, .least = 1, .most = 9}};

constexpr DType dtypes[] = {DType::f64,   DType::f32,  DType::int64, DType::int32,
                            DType::int16, DType::int8, DType::uint8};

bool is_average(const Case& c) {
  return c.family == &family::avg_pool;
}

void legal(const Case& c) {
  check_pool(operator_name(c), input_shape(c), window_numbers(c), c.divisor);
  check_elements("input", input_shape(c));
  check_elements("output", with_axes(c.batch, c.channels, output_sizes(c), c.dims));
}

void settle(Case& c) {
  for (std::size_t axis = 0; axis < static_cast<std::size_t>(c.dims); ++axis) {
    c.before[axis] = std::min(c.before[axis], c.kernel[axis] / 2);
    c.after[axis] = std::min(c.after[axis], c.kernel[axis] / 2);
  }
  settle_memory(c);
  settle_window(c);
}

/// Windows of 2 with stride 2, of 3 with stride 1 or 2 and padding, and the whole plane.
void as_in_networks(Case& c, const Draw& draw, Index position) {
  const Index kernel = one_of(draw, position, {2, 2, 3, 3, 0});
  fill_axes(c, &Case::kernel, kernel);
  if (kernel == 0) c.kernel = c.input;
  fill_axes(c, &Case::stride, one_of(draw, position + 1, {2, 2, 1}));
  fill_axes(c, &Case::before, kernel == 3 ? 1 : 0);
  fill_axes(c, &Case::after, kernel == 3 ? 1 : 0);
  fill_axes(c, &Case::dilation, 1);
  c.divisor.reset();
}

/// Integer data of max and min pooling have many ties; those of average pooling sum exactly in any order.
Index largest_integer(const Case& c) {
  if (!is_average(c)) return 4;
  constexpr Index most = 4096;
  return std::clamp<Index>((exact_limit(c.dtype) - 1) / volume_of(c.kernel, c.dims), 1, most);
}

/// Whole numbers and what is special among them: a NaN at most a window, of the infinities that which wins; in averages
/// the largest number whose sums with others can't overflow, or all scaled down.
void fill_special(const Case& c, AnyTensor& input) {
  const Draw draw(c.seed, "not finite");
  fill_integers(input, c, largest_integer(c));
  if (!is_average(c)) {
    const bool largest_wins = c.family == &family::max_pool;
    return put_apart(input, c, 1, [&](Index at) { return not_finite(draw, at, largest_wins, !largest_wins); });
  }
  constexpr double below_tiny_quotients = 1024;
  switch (constexpr Special kinds[] = {Special::inputs_not_finite, Special::largest, Special::signed_zeros,
                                       Special::subnormal};
          kinds[static_cast<std::size_t>(special_of(c, 4))]) {
    case Special::largest:
      return put_apart(input, c, 1, [&](Index at) {
        return std::ldexp((draw(at, 3) & 1) != 0 ? 1 : -1, c.dtype == DType::f64 ? 1022 : 126);
      });
    case Special::signed_zeros:
      return put_signed_zeros(input, c);
    case Special::subnormal:
      return make_subnormal(input, below_tiny_quotients);
    default:
      return put_apart(input, c, 1, [&](Index at) { return not_finite(draw, at); });
  }
}

std::vector<AnyTensor> inputs(const Case& c) {
  AnyTensor input = make_tensor("input", c.dtype, input_shape(c), c.x);
  const Index summed = is_average(c) ? volume_of(c.kernel, c.dims) : 1;
  const Draw values(c.seed, "input");
  switch (c.data) {
    case Data::integer:
      fill_integers(input, c, largest_integer(c));
      break;
    case Data::wide:
      fill(input, [&](Index position) {
        return wide_value(values, position, exact_limit(c.dtype) / summed, !is_unsigned(c.dtype));
      });
      break;
    case Data::coded:
      fill_codes(input, c);
      break;
    case Data::real:
      fill_real(input, c);
      break;
    case Data::special:
      if (!is_integer_type(c.dtype)) {
        fill_special(c, input);
        break;
      }
      [[fallthrough]];  // extremes
    case Data::wild:
      fill_wild(input, c, std::max<Index>(4, volume_of(c.kernel, c.dims)));
      break;
  }
  return list_of(std::move(input));
}

std::vector<AnyTensor> outputs(const Case& c) {
  const auto shape = with_axes(c.batch, c.channels, output_sizes(c), c.dims);
  auto tensors = list_of(make_tensor("output", c.dtype, shape, c.y));
  if (c.indices) tensors.push_back(make_tensor("indices", DType::int64, shape, c.y));
  return tensors;
}

/// Maxima are the same in any order, but for the sign of a zero and which NaN wins.
bool extremes_agree(const Case& c) {
  return c.data != Data::wild || is_integer_type(c.dtype);
}

/// The index in a window that lies outside the input with all its taps.
std::vector<bool> indices_of_nothing(const Case& c, const AnyTensor& output) {
  std::vector<bool> free;
  if (output.name != "indices") return free;
  std::vector<std::vector<bool>> meets;  // per axis and position: whether a tap meets the input
  for (std::size_t axis = 0; axis < static_cast<std::size_t>(c.dims); ++axis) {
    meets.emplace_back();
    for (Index out = 0; out < output.shape[axis + 2]; ++out) {
      bool any = false;
      for (Index tap = 0; tap < c.kernel[axis]; ++tap) {
        const Index in = out * c.stride[axis] - c.before[axis] + tap * c.dilation[axis];
        any = any || (in >= 0 && in < c.input[axis]);
      }
      meets.back().push_back(any);
    }
  }
  for (Index flat = 0; flat < output.size(); ++flat) {
    bool all = true;
    Index rest = flat;
    for (std::size_t axis = meets.size(); axis-- > 0;) {
      all = all && meets[axis][static_cast<std::size_t>(rest % output.shape[axis + 2])];
      rest /= output.shape[axis + 2];
    }
    free.push_back(!all);
  }
  return free;
}

std::vector<TermAxis> term_axes(const Case& c) {
  std::vector<TermAxis> axes;
  add_tap_axes(axes, c);
  return axes;
}

std::vector<Case> twins(const Case& c) {
  std::vector<Case> exact{with_data(c, Data::integer), with_data(c, Data::wide)};
  std::erase_if(exact, [](const Case& twin) { return !twin.family->all_orders_agree(twin); });
  return exact;
}

bool is_power_of_two(Index number) {
  return number > 0 && (number & (number - 1)) == 0;
}

/// Whether every divisor is a power of two: a divisor is the product of the taps that count on each axis.
bool divides_by_powers_of_two(const Case& c) {
  if (c.divisor) return is_power_of_two(*c.divisor);
  const Axes sizes = output_sizes(c);
  for (std::size_t axis = 0; axis < static_cast<std::size_t>(c.dims); ++axis) {
    const Index first = c.exclude_pad ? 0 : -c.before[axis];
    const Index end = c.input[axis] + (c.exclude_pad ? 0 : c.after[axis]);
    for (Index out = 0; out < sizes[axis]; ++out) {
      Index counted = 0;
      for (Index tap = 0; tap < c.kernel[axis]; ++tap) {
        const Index in = out * c.stride[axis] - c.before[axis] + tap * c.dilation[axis];
        counted += in >= first && in < end;
      }
      if (counted > 0 && !is_power_of_two(counted)) return false;  // with nothing to count the average is 0
    }
  }
  return true;
}

/// Sums that are exact in any order, divided by a power of two, which is exact too: as many kernels multiply by the
/// reciprocal as divide. A window of more taps than the type counts is not exact even where each holds 1.
bool averages_agree(const Case& c) {
  if (is_integer_type(c.dtype)) return true;
  const bool whole = c.data == Data::integer || c.data == Data::wide || c.data == Data::special;
  return whole && volume_of(c.kernel, c.dims) < exact_limit(c.dtype) && divides_by_powers_of_two(c);
}

Index work(const Case& c) {
  return c.batch * c.channels * volume_of(output_sizes(c), c.dims) * volume_of(c.kernel, c.dims);
}

AnyTensor fold_averages(const Case& c, Tensors in, const AnyTensor& output, std::uint64_t draw) {
  return folded_avg_pool(c, in, output, draw).due;
}

refloop_pool_params pool_params(const Case& c) {
  auto params = window_params<refloop_pool_params>(c);
  std::copy_n(c.kernel.begin(), c.dims, std::begin(params.kernel));
  params.divisor_override = c.divisor.value_or(0);
  params.ceil_mode = c.ceil ? 1 : 0;
  params.count_include_pad = c.exclude_pad ? 0 : 1;
  return params;
}

std::vector<Argument> arguments(const Case& c) {
  const auto used = first_axes(c.kernel, c.dims);
  std::vector<Argument> told = window_arguments(c);
  told.insert(told.begin(), {"kernel_size", std::vector<Index>(used.begin(), used.end())});
  told.push_back({"ceil_mode", c.ceil});
  if (!is_average(c)) return told;
  told.push_back({"count_include_pad", !c.exclude_pad});
  told.push_back({"divisor_override", {}});
  if (c.divisor) told.back().value = *c.divisor;
  return told;
}

int extreme_plugin(void* symbol, const Case& c, Tensors in, Outputs out) {
  const refloop_pool_params params = pool_params(c);
  Described input(in[0]), output(out[0]);
  MaybeDescribed indices(find(out, "indices"));
  return reinterpret_cast<decltype(&refloop_max_pool2d)>(symbol)(input, &params, output, indices);
}

int average_plugin(void* symbol, const Case& c, Tensors in, Outputs out) {
  const bool dilated = std::any_of(c.dilation.begin(), c.dilation.end(), [](Index gap) { return gap != 1; });
  if (dilated) return REFLOOP_UNSUPPORTED;  // refloop's own: no other library has dilated averages
  const refloop_pool_params params = pool_params(c);
  Described input(in[0]), output(out[0]);
  return reinterpret_cast<decltype(&refloop_avg_pool2d)>(symbol)(input, &params, output);
}

template <class Extreme>
constexpr Way extreme_orders[] = {
    {.name = "row_major",
     .says = "tap by tap, row by row: the first of equal values, the last NaN",
     .source = "include/refloop/pool.h",
     .run = [](const Case& c, const Way&, Tensors in, Outputs out) { run_extreme<Extreme>(c, in, out); }}};

/// Hands the divisor on with the terms.
struct DivisorTold {
  static Terms of(Terms sum, Index divisor) {
    sum.divisor = divisor;
    sum.is_average = true;
    return sum;
  }
};

constexpr Nest average_nests[] = {{.name = "row_major", .each = [](const Case& c, Tensors in, const SeeTerms& see) {
                                     const auto shape = with_axes(c.batch, c.channels, output_sizes(c), c.dims);
                                     const Divisor divides{.count_include_pad = !c.exclude_pad, .override = c.divisor};
                                     dispatch(Types<double, float>{}, c.dtype, [&]<class T>() {
                                       dispatch_rank(c.dims, [&]<std::size_t Rank>() {
                                         Seen seen(see);
                                         avg_pool_loops<Recorded<T>, DivisorTold>(in[0].view<T, Rank>(),
                                                                                  window_of<Rank - 2>(c), divides,
                                                                                  seen_output<Rank>(seen, shape));
                                       });
                                     });
                                   }}};

constexpr Way average_orders[] = {
    {.name = "row_major",
     .says = "from 0 on, tap by tap, row by row; a quotient that vanishes is 0",
     .source = "include/refloop/pool.h; LibTorch on contiguous memory",
     .run = [](const Case& c, const Way&, Tensors in,
               Outputs out) { run_average<WithoutMinusZero<Quotient>>(c, in, out); }},
    {.name = "row_major_with_minus_zero",
     .says = "from 0 on, tap by tap, row by row; a quotient that vanishes keeps its sign",
     .source = "LibTorch's avg_pool2d on channels_last memory",
     .run = [](const Case& c, const Way&, Tensors in, Outputs out) { run_average<Quotient>(c, in, out); }},
};

/// In what max and min pooling differ from average pooling.
struct Kind {
  std::span<const Field> fields;
  bool copies_values;
  bool (*all_orders_agree)(const Case&);
  int (*plugin)(void* symbol, const Case&, Tensors in, Outputs out);
  std::span<const Nest> nests;
  std::span<const Algorithm> algorithms;
  std::vector<bool> (*undetermined)(const Case&, const AnyTensor& output);
  AnyTensor (*fold)(const Case&, Tensors in, const AnyTensor& output, std::uint64_t draw);
};
constexpr Algorithm average_algorithms[] = {direct_sums};
constexpr Kind extremes{.fields = extreme_fields,
                        .copies_values = true,
                        .all_orders_agree = extremes_agree,
                        .plugin = extreme_plugin,
                        .nests = {},
                        .algorithms = {},
                        .undetermined = indices_of_nothing,
                        .fold = nullptr};
constexpr Kind averages{.fields = avg_fields,
                        .copies_values = false,
                        .all_orders_agree = averages_agree,
                        .plugin = average_plugin,
                        .nests = average_nests,
                        .algorithms = average_algorithms,
                        .undetermined = nullptr,
                        .fold = fold_averages};

constexpr Family pool_family(std::string_view name, std::string_view says, const Kind& kind,
                             std::span<const Way> orders, const std::span<const Way>& mistakes,
                             std::vector<Sweep> (*sweeps)()) {
  return {.name = name,
          .says = says,
          .fields = kind.fields,
          .dtypes = dtypes,
          .copies_values = kind.copies_values,
          .legal = legal,
          .settle = settle,
          .as_in_networks = as_in_networks,
          .inputs = inputs,
          .outputs = outputs,
          .all_orders_agree = kind.all_orders_agree,
          .work = work,
          .arguments = arguments,
          .plugin = kind.plugin,
          .nests = kind.nests,
          .term_axes = term_axes,
          .algorithms = kind.algorithms,
          .undetermined = kind.undetermined,
          .twins = twins,
          .fold = kind.fold,
          .orders = orders,
          .mistakes = mistakes,
          .sweeps = sweeps};
}

}  // namespace

constinit const Family family::max_pool =
    pool_family("max_pool", "the largest value under each window, and where it stands", extremes,
                extreme_orders<Larger>, max_pool_mistakes, max_pool_sweeps);
constinit const Family family::min_pool =
    pool_family("min_pool", "the smallest value under each window, and where it stands", extremes,
                extreme_orders<Smaller>, min_pool_mistakes, min_pool_sweeps);
constinit const Family family::avg_pool = pool_family("avg_pool", "the average under each window", averages,
                                                      average_orders, avg_pool_mistakes, avg_pool_sweeps);

}  // namespace refloop
