// What convolution is to the engine: its settings, legality, inputs, exactness, loops and sweeps.
#include <algorithm>
#include <cmath>

#include "check/conv_mistakes.h"
#include "check/data.h"
#include "check/tensors.h"
#include "check/window_tools.h"
#include "kernels/conv_loops.h"

namespace refloop {
namespace {

constexpr Field fields[] = {
    {.key = "n", .word = "batch", .at = &Case::batch, .least = 0, .most = 3},
    {.key = "c", .word = "channels", .at = &Case::channels, .least = 1, .most = 10},
    {.key = "i", .word = "input size", .at = &Case::input, .least = 1, .most = 12, .required = true},
    {.key = "o", .word = "output channels", .at = &Case::out_channels, .least = 1, .most = 10},
    {.key = "k", .word = "kernel", .at = &Case::kernel, .least = 1, .most = 4, .required = true},
    {.key = "s", .word = "stride", .at = &Case::stride, .least = 1, .most = 3},
    {.key = "p", .word = "padding", .at = &Case::before, .least = 0, .most = 3},
    {.key = "q", .word = "padding after", .at = &Case::after, .least = 0, .most = 3, .same_as = &Case::before},
    {.key = "d", .word = "dilation", .at = &Case::dilation, .least = 1, .most = 3},
    {.key = "g", .word = "groups", .at = &Case::groups, .least = 1, .most = 4},
    {.key = "bias", .word = "bias", .at = &Case::bias},
};

constexpr DType dtypes[] = {DType::f64,   DType::f32,  DType::int64, DType::int32,
                            DType::int16, DType::int8, DType::uint8};

std::vector<Index> weight_shape(const Case& c) {
  return with_axes(c.out_channels, c.channels / c.groups, c.kernel, c.dims);
}

void check(const Case& c) {
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

void fill_integer(const Case& c, std::span<const AnyTensor> tensors) {
  const IntegerGrid grid = integer_grid(c);
  for (const auto& tensor : tensors) fill_integers(tensor, c, grid.magnitude);
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
void fill_wide(const Case& c, std::span<const AnyTensor> tensors) {
  const Draw draw(c.seed, "wide");
  const bool with_sign = !is_unsigned(c.dtype);
  const Index few = (draw(0) & 1) != 0 ? 2 : 4;
  const Index limit = exact_limit(c.dtype) / (few + 1);
  const auto sign = [&](Index position) -> Index { return with_sign && (draw(position, 2) & 1) != 0 ? -1 : 1; };
  const auto fill_dense = [&](const AnyTensor& tensor) {
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
void fill_coded(const Case& c, std::span<const AnyTensor> tensors) {
  const Draw draw(c.seed, "coded");
  const Index codes = exact_limit(c.dtype) - 1;
  const Index terms = terms_of(c);
  fill(tensors[0], [&](Index position) { return position % codes + 1; });
  fill(tensors[1], [&](Index position) -> Index {
    return position % terms == draw.between(0, terms - 1, position / terms) ? 1 : 0;
  });
  if (tensors.size() > 2) fill(tensors[2], [](Index) { return 0; });
}

std::vector<AnyTensor> inputs(const Case& c) {
  std::vector<AnyTensor> tensors{make_tensor("input", c.dtype, input_shape(c), c.layout),
                                 make_tensor("weight", c.dtype, weight_shape(c), c.layout)};
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
      for (const auto& tensor : tensors) fill_real(tensor, c);
      break;
    case Data::special:
      // About one special product in each output.
      for (const auto& tensor : tensors) fill_special(tensor, c, std::max<Index>(4, 2 * terms_of(c)));
      break;
  }
  return tensors;
}

std::vector<AnyTensor> outputs(const Case& c) {
  return {make_tensor("output", c.dtype, with_axes(c.batch, c.out_channels, output_sizes(c), c.dims), c.layout)};
}

Index work(const Case& c) {
  return c.batch * c.out_channels * volume_of(output_sizes(c), c.dims) * terms_of(c);
}

Exactness exactness(const Case& c) {
  const bool integers = dispatch(c.dtype, []<class T>() { return std::is_integral_v<T>; });
  const auto [kept, magnitude] = integer_grid(c);
  switch (c.data) {
    case Data::integer:
      return {true, terms_of(c), static_cast<double>(kept * magnitude * magnitude + magnitude)};
    case Data::wide:
    case Data::coded:
      return {true, terms_of(c), static_cast<double>(exact_limit(c.dtype))};
    case Data::real:
    case Data::special:
      return {integers, terms_of(c), 0};  // integers wrap alike in any order
  }
  return {};
}

void loops(const Case& c, Order order, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  dispatch(c.dtype, c.dims, [&]<class T, std::size_t Dims>() {
    std::optional<TensorView<const T, 1>> bias;
    if (const AnyTensor* given = find(in, "bias")) bias = given->view<const T, 1>();
    const auto run = order == Order::channels_last ? conv_channels_last<T, Dims> : conv_loops<T, Dims>;
    run(in[0].view<const T, Dims + 2>(), in[1].view<const T, Dims + 2>(), bias, window_of<Dims>(c), c.groups,
        out[0].view<T, Dims + 2>());
  });
}

// ---- sweeps ----

constexpr Kind all_kinds[] = {{DType::f32, Data::integer}, {DType::f32, Data::wide},    {DType::f32, Data::real},
                              {DType::f32, Data::special}, {DType::f32, Data::coded},   {DType::f64, Data::wide},
                              {DType::f64, Data::real},    {DType::f64, Data::special}, {DType::int64, Data::integer}};
constexpr Kind few_kinds[] = {
    {DType::f32, Data::integer}, {DType::f32, Data::wide}, {DType::f32, Data::real}, {DType::f64, Data::real}};

Case base(int dims) {
  Case c = sweep_base(family::conv, dims);
  c.out_channels = 4;
  const Axes kernels[] = {{3}, {2, 3}, {2, 1, 3}};
  c.kernel = kernels[dims - 1];
  return c;
}

/// Padding after as before, unless the case has its own.
void add(std::vector<Case>& cases, Case c, std::span<const Kind> kinds) {
  if (c.after == Axes{}) c.after = c.before;
  add_kinds(cases, c, kinds);
}

std::vector<Case> stride_padding_dilation() {
  std::vector<Case> cases;
  for (int dims = 1; dims <= 3; ++dims) {
    for (const Index stride : {1, 2, 3}) {
      for (const Index padding : {0, 1, 2}) {
        for (const Index dilation : {1, 2, 3}) {
          Case c = base(dims);
          set_axes(c, &Case::stride, {stride});
          set_axes(c, &Case::before, {padding});
          set_axes(c, &Case::dilation, {dilation});
          c.bias = (stride + padding + dilation) % 2 == 0;
          add(cases, c, all_kinds);
        }
      }
    }
  }
  return cases;
}

std::vector<Case> uneven() {
  std::vector<Case> cases;
  for (int dims = 2; dims <= 3; ++dims) {
    for (const auto stride : {std::array<Index, 2>{1, 2}, {2, 1}, {3, 1}}) {
      for (const auto padding : {std::array<Index, 2>{0, 1}, {1, 0}, {2, 1}}) {
        for (const auto dilation : {std::array<Index, 2>{1, 2}, {2, 1}, {1, 3}}) {
          for (const auto kernel : {std::array<Index, 2>{1, 3}, {3, 1}, {2, 3}}) {
            Case c = base(dims);
            set_axes(c, &Case::stride, {stride[0], stride[1]});
            set_axes(c, &Case::before, {padding[0], padding[1]});
            set_axes(c, &Case::dilation, {dilation[0], dilation[1]});
            set_axes(c, &Case::kernel, {kernel[0], kernel[1]});
            add(cases, c, few_kinds);
          }
        }
      }
    }
  }
  return cases;
}

std::vector<Case> padding_after() {
  std::vector<Case> cases;
  for (int dims = 1; dims <= 3; ++dims) {
    for (const Index before : {0, 1, 2}) {
      for (const Index after : {1, 3}) {
        for (const Index stride : {1, 2}) {
          Case c = base(dims);
          set_axes(c, &Case::before, {before, 1});
          set_axes(c, &Case::after, {after, 0});
          set_axes(c, &Case::stride, {stride});
          add(cases, c, few_kinds);
        }
      }
    }
  }
  return cases;
}

std::vector<Case> groups() {
  struct Channels {
    Index in, out, groups;
  };
  std::vector<Case> cases;
  for (int dims = 1; dims <= 3; ++dims) {
    for (const auto& [in, out, groups] : {Channels{2, 4, 2}, Channels{6, 3, 3}, Channels{4, 8, 4}, Channels{4, 6, 2},
                                          Channels{5, 5, 5}, Channels{3, 9, 3}, Channels{1, 7, 1}}) {
      for (const bool bias : {false, true}) {
        Case c = base(dims);
        c.channels = in;
        c.out_channels = out;
        c.groups = groups;
        c.bias = bias;
        set_axes(c, &Case::before, {1, 0});
        add(cases, c, all_kinds);
      }
    }
  }
  return cases;
}

std::vector<Case> channels() {
  std::vector<Case> cases;
  for (int dims = 1; dims <= 3; ++dims) {
    for (const Index in : {1, 7, 8, 9, 17, 33}) {
      for (const Index out : {1, 8, 9}) {
        Case c = base(dims);
        c.batch = 1;
        c.channels = in;
        c.out_channels = out;
        c.bias = out != 8;
        add(cases, c, few_kinds);
      }
    }
  }
  return cases;
}

std::vector<Case> sizes() {
  std::vector<Case> cases;
  for (int dims = 1; dims <= 3; ++dims) {
    for (const Index kernel : {1, 4, 5, 7}) {
      for (const Index more : {0, 1, 9}) {  // output sizes 1, 2, 10 along the first axis
        for (const Index batch : {1, 3}) {
          Case c = base(dims);
          c.batch = batch;
          c.channels = 2;
          set_axes(c, &Case::kernel, {kernel, 2, 1});
          set_axes(c, &Case::input, {kernel + more, 4, 17});
          add(cases, c, few_kinds);
        }
      }
    }
  }
  return cases;
}

std::vector<Case> layouts() {
  std::vector<Case> cases;
  for (int dims = 1; dims <= 3; ++dims) {
    for (const Layout layout : {Layout::channels_last, Layout::strided}) {
      for (const Index groups : {1, 2}) {
        for (const Index stride : {1, 2}) {
          for (const Index dilation : {1, 2}) {
            Case c = base(dims);
            c.layout = layout;
            c.groups = groups;
            c.channels = 4;
            c.bias = stride == 1;
            set_axes(c, &Case::stride, {stride, 1});
            set_axes(c, &Case::dilation, {dilation, 1});
            set_axes(c, &Case::before, {1});
            add(cases, c, few_kinds);
          }
        }
      }
    }
  }
  return cases;
}

std::vector<Case> integer_types() {
  constexpr Kind kinds[] = {{DType::int64, Data::integer}, {DType::int64, Data::wide},    {DType::int64, Data::real},
                            {DType::int32, Data::integer}, {DType::int32, Data::special}, {DType::int16, Data::integer},
                            {DType::int16, Data::real},    {DType::int8, Data::integer},  {DType::int8, Data::special},
                            {DType::uint8, Data::integer}, {DType::uint8, Data::real},    {DType::int32, Data::coded}};
  std::vector<Case> cases;
  for (int dims = 1; dims <= 3; ++dims) {
    for (const Index stride : {1, 2}) {
      for (const Index dilation : {1, 2}) {
        Case c = base(dims);
        c.bias = stride == 2;
        set_axes(c, &Case::stride, {stride, 1});
        set_axes(c, &Case::dilation, {1, dilation});
        set_axes(c, &Case::before, {0, 1});
        add(cases, c, kinds);
      }
    }
  }
  return cases;
}

std::vector<Sweep> sweeps() {
  return {{"stride x padding x dilation", stride_padding_dilation()},
          {"uneven axes", uneven()},
          {"padding after", padding_after()},
          {"groups", groups()},
          {"channels", channels()},
          {"sizes", sizes()},
          {"layouts", layouts()},
          {"integer types", integer_types()}};
}

}  // namespace

const Family family::conv{.name = "conv",
                          .says = "convolution with stride, padding, dilation, groups and bias",
                          .fields = fields,
                          .dtypes = dtypes,
                          .copies_values = false,
                          .check = check,
                          .settle = settle,
                          .inputs = inputs,
                          .outputs = outputs,
                          .exactness = exactness,
                          .work = work,
                          .loops = loops,
                          .sweeps = sweeps,
                          .mistakes = conv_mistakes};

}  // namespace refloop
