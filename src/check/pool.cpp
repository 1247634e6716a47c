// What max, min and average pooling are to the engine: one file, three families.
#include <algorithm>

#include "check/data.h"
#include "check/pool_mistakes.h"
#include "check/tensors.h"
#include "check/window_tools.h"
#include "kernels/pool_loops.h"

namespace refloop {
namespace {

constexpr Field batch_field{.key = "n", .word = "batch", .at = &Case::batch, .least = 0, .most = 3};
constexpr Field channels_field{.key = "c", .word = "channels", .at = &Case::channels, .least = 1, .most = 6};
constexpr Field input_field{
    .key = "i", .word = "input size", .at = &Case::input, .least = 1, .most = 12, .required = true};
constexpr Field kernel_field{
    .key = "k", .word = "kernel", .at = &Case::kernel, .least = 1, .most = 4, .required = true};
constexpr Field stride_field{
    .key = "s", .word = "stride", .at = &Case::stride, .least = 1, .most = 4, .same_as = &Case::kernel};
constexpr Field padding_field{.key = "p", .word = "padding", .at = &Case::before, .least = 0, .most = 2};
constexpr Field dilation_field{.key = "d", .word = "dilation", .at = &Case::dilation, .least = 1, .most = 3};
constexpr Field ceil_field{.key = "ceil", .word = "ceil_mode", .at = &Case::ceil};

constexpr Field extreme_fields[] = {
    batch_field,    channels_field, input_field,
    kernel_field,   stride_field,   padding_field,
    dilation_field, ceil_field,     {.key = "indices", .word = "return_indices", .at = &Case::indices}};
constexpr Field avg_fields[] = {
    batch_field,
    channels_field,
    input_field,
    kernel_field,
    stride_field,
    padding_field,
    dilation_field,
    ceil_field,
    {.key = "excludepad", .word = "count_include_pad=False", .at = &Case::exclude_pad},
    {.key = "div", .word = "divisor_override", .at = &Case::divisor, .least = 1, .most = 9}};

constexpr DType dtypes[] = {DType::f64,   DType::f32,  DType::int64, DType::int32,
                            DType::int16, DType::int8, DType::uint8};

bool is_average(const Case& c) {
  return c.family == &family::avg_pool;
}

std::optional<Index> divisor_override(const Case& c) {
  return c.divisor == 0 ? std::nullopt : std::optional(c.divisor);
}

void check(const Case& c) {
  check_pool(operator_name(c), input_shape(c), window_numbers(c), divisor_override(c));
  check_elements("input", input_shape(c));
  check_elements("output", with_axes(c.batch, c.channels, output_sizes(c), c.dims));
}

void settle(Case& c) {
  for (std::size_t axis = 0; axis < static_cast<std::size_t>(c.dims); ++axis) {
    c.before[axis] = std::min(c.before[axis], c.kernel[axis] / 2);
  }
  settle_window(c);
}

/// Integer data of max and min pooling have many ties; those of average pooling sum exactly in any order.
Index largest_integer(const Case& c) {
  if (!is_average(c)) return 4;
  constexpr Index most = 4096;
  return std::clamp<Index>((exact_limit(c.dtype) - 1) / volume_of(c.kernel, c.dims), 1, most);
}

std::vector<AnyTensor> inputs(const Case& c) {
  AnyTensor input = make_tensor("input", c.dtype, input_shape(c), c.layout);
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
      fill_special(input, c, std::max<Index>(4, volume_of(c.kernel, c.dims)));
      break;
  }
  return {input};
}

std::vector<AnyTensor> outputs(const Case& c) {
  const auto shape = with_axes(c.batch, c.channels, output_sizes(c), c.dims);
  std::vector<AnyTensor> tensors{make_tensor("output", c.dtype, shape, c.layout)};
  if (c.indices) tensors.push_back(make_tensor("indices", DType::int64, shape, c.layout));
  return tensors;
}

/// Maxima are the same in any order, but for the sign of a zero and which NaN wins.
Exactness extreme_exactness(const Case& c) {
  return {c.data != Data::special || dispatch(c.dtype, []<class T>() { return std::is_integral_v<T>; }),
          volume_of(c.kernel, c.dims), 0};
}

bool is_power_of_two(Index number) {
  return number > 0 && (number & (number - 1)) == 0;
}

/// Sums that are exact in any order, divided by a power of two, which is exact too: as many kernels multiply by the
/// reciprocal as divide.
Exactness avg_exactness(const Case& c) {
  const Index terms = volume_of(c.kernel, c.dims);
  const bool integers = dispatch(c.dtype, []<class T>() { return std::is_integral_v<T>; });
  const bool padded = c.before != Axes{};
  const bool divisor_is_fixed = !c.ceil && !(c.exclude_pad && padded);
  const bool exact_division = c.divisor != 0 ? is_power_of_two(c.divisor) : divisor_is_fixed && is_power_of_two(terms);
  const bool exact_sum = c.data == Data::integer || c.data == Data::wide;
  return {integers || (exact_sum && exact_division), terms, static_cast<double>(terms * largest_integer(c))};
}

Index work(const Case& c) {
  return c.batch * c.channels * volume_of(output_sizes(c), c.dims) * volume_of(c.kernel, c.dims);
}

template <class Extreme>
void extreme_loops(const Case& c, Order, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  dispatch(c.dtype, c.dims, [&]<class T, std::size_t Dims>() {
    std::optional<TensorView<Index, Dims + 2>> indices;
    if (c.indices) indices = out[1].view<Index, Dims + 2>();
    extreme_pool_loops<Extreme, T, Dims>(in[0].view<const T, Dims + 2>(), window_of<Dims>(c),
                                         out[0].view<T, Dims + 2>(), indices);
  });
}

void avg_loops(const Case& c, Order order, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  dispatch(c.dtype, c.dims, [&]<class T, std::size_t Dims>() {
    avg_pool_loops<T, Dims>(in[0].view<const T, Dims + 2>(), window_of<Dims>(c), !c.exclude_pad, divisor_override(c),
                            order == Order::channels_last, out[0].view<T, Dims + 2>());
  });
}

// ---- sweeps ----

constexpr Kind all_kinds[] = {{DType::f32, Data::integer}, {DType::f32, Data::wide},     {DType::f32, Data::real},
                              {DType::f32, Data::special}, {DType::f32, Data::coded},    {DType::f64, Data::real},
                              {DType::f64, Data::special}, {DType::int64, Data::integer}};
constexpr Kind few_kinds[] = {{DType::f32, Data::integer}, {DType::f32, Data::special}, {DType::f64, Data::real}};
constexpr Kind integer_kinds[] = {{DType::int64, Data::real},    {DType::int32, Data::integer},
                                  {DType::int16, Data::integer}, {DType::int8, Data::special},
                                  {DType::uint8, Data::special}, {DType::uint8, Data::integer}};

/// What a family varies beyond the window: indices, or the divisor.
using Variants = std::vector<Case> (*)(const Case&);

std::vector<Case> extreme_variants(const Case& c) {
  Case with_indices = c;
  with_indices.indices = true;
  return {c, with_indices};
}

std::vector<Case> avg_variants(const Case& c) {
  Case excluding = c;
  excluding.exclude_pad = true;
  Case fixed = c;
  fixed.divisor = 3;
  Case exact = c;
  exact.divisor = 4;
  return {c, excluding, fixed, exact};
}

void add(std::vector<Case>& cases, const Case& c, std::span<const Kind> kinds, Variants variants) {
  for (const Case& variant : variants(c)) add_kinds(cases, variant, kinds);
}

std::vector<Case> even_windows(const Family& family, Variants variants) {
  std::vector<Case> cases;
  for (int dims = 1; dims <= 3; ++dims) {
    for (const Index kernel : {1, 2, 3}) {
      for (const Index stride : {1, 2, 3}) {
        for (const Index padding : {0, 1}) {
          for (const Index dilation : {1, 2}) {
            Case c = sweep_base(family, dims);
            set_axes(c, &Case::kernel, {kernel});
            set_axes(c, &Case::stride, {stride});
            set_axes(c, &Case::before, {padding});
            set_axes(c, &Case::dilation, {dilation});
            c.ceil = (kernel + stride + padding + dilation) % 2 == 0;
            add(cases, c, few_kinds, variants);
          }
        }
      }
    }
  }
  return cases;
}

std::vector<Case> uneven_windows(const Family& family, Variants variants) {
  std::vector<Case> cases;
  for (int dims = 2; dims <= 3; ++dims) {
    for (const auto kernel : {std::array<Index, 2>{2, 3}, {3, 2}, {4, 2}}) {
      for (const auto stride : {std::array<Index, 2>{1, 2}, {2, 1}, {3, 2}}) {
        for (const auto padding : {std::array<Index, 2>{0, 1}, {1, 0}}) {
          for (const auto dilation : {std::array<Index, 2>{1, 2}, {2, 1}}) {
            for (const bool ceil : {false, true}) {
              Case c = sweep_base(family, dims);
              set_axes(c, &Case::kernel, {kernel[0], kernel[1]});
              set_axes(c, &Case::stride, {stride[0], stride[1]});
              set_axes(c, &Case::before, {padding[0], padding[1]});
              set_axes(c, &Case::dilation, {dilation[0], dilation[1]});
              c.ceil = ceil;
              add(cases, c, few_kinds, variants);
            }
          }
        }
      }
    }
  }
  return cases;
}

/// The last window hangs over the end, starts in the padding, or exactly fits.
std::vector<Case> ceil_mode(const Family& family, Variants variants) {
  std::vector<Case> cases;
  for (int dims = 1; dims <= 3; ++dims) {
    for (const Index input : {4, 5, 6, 7}) {
      for (const Index stride : {2, 3, 5}) {
        for (const Index padding : {0, 1}) {
          Case c = sweep_base(family, dims);
          set_axes(c, &Case::input, {input, 5, 6});
          set_axes(c, &Case::kernel, {2, 3});
          set_axes(c, &Case::stride, {stride, 2});
          set_axes(c, &Case::before, {padding});
          c.ceil = true;
          add(cases, c, few_kinds, variants);
        }
      }
    }
  }
  return cases;
}

std::vector<Case> data_and_layouts(const Family& family, Variants variants) {
  std::vector<Case> cases;
  for (int dims = 1; dims <= 3; ++dims) {
    for (const Layout layout : {Layout::dense, Layout::channels_last, Layout::strided}) {
      for (const Index padding : {0, 1}) {
        Case c = sweep_base(family, dims);
        c.layout = layout;
        set_axes(c, &Case::kernel, {2, 4});
        set_axes(c, &Case::stride, {2, 1});
        set_axes(c, &Case::before, {padding, 1});
        add(cases, c, all_kinds, variants);
        add(cases, c, integer_kinds, variants);
      }
    }
  }
  return cases;
}

std::vector<Sweep> sweeps(const Family& family, Variants variants) {
  return {{"stride x padding x dilation", even_windows(family, variants)},
          {"uneven axes", uneven_windows(family, variants)},
          {"ceil_mode", ceil_mode(family, variants)},
          {"data and layouts", data_and_layouts(family, variants)}};
}

std::vector<Sweep> max_sweeps() {
  return sweeps(family::max_pool, extreme_variants);
}
std::vector<Sweep> min_sweeps() {
  return sweeps(family::min_pool, extreme_variants);
}
std::vector<Sweep> avg_sweeps() {
  return sweeps(family::avg_pool, avg_variants);
}

/// In what the pools differ.
struct Kernel {
  std::span<const Field> fields;
  bool copies_values;
  decltype(Family::exactness) exactness;
  decltype(Family::loops) loops;
};
template <class Extreme>
constexpr Kernel extremes{extreme_fields, true, extreme_exactness, extreme_loops<Extreme>};
constexpr Kernel averages{avg_fields, false, avg_exactness, avg_loops};

Family pool_family(std::string_view name, std::string_view says, const Kernel& kernel, decltype(Family::sweeps) sweeps,
                   std::span<const Mistake> mistakes) {
  return {.name = name,
          .says = says,
          .fields = kernel.fields,
          .dtypes = dtypes,
          .copies_values = kernel.copies_values,
          .check = check,
          .settle = settle,
          .inputs = inputs,
          .outputs = outputs,
          .exactness = kernel.exactness,
          .work = work,
          .loops = kernel.loops,
          .sweeps = sweeps,
          .mistakes = mistakes};
}

}  // namespace

const Family family::max_pool = pool_family("max_pool", "the largest value under each window, and where it stands",
                                            extremes<Larger>, max_sweeps, max_pool_mistakes);
const Family family::min_pool = pool_family("min_pool", "the smallest value under each window, and where it stands",
                                            extremes<Smaller>, min_sweeps, min_pool_mistakes);
const Family family::avg_pool =
    pool_family("avg_pool", "the average under each window", averages, avg_sweeps, avg_pool_mistakes);

}  // namespace refloop
