// The cases of convolution that every run compares.
#include <array>

#include "families/conv.h"
#include "families/networks.h"
#include "families/sweep_tools.h"

namespace refloop {
namespace {

constexpr Kind all_kinds[] = {{DType::f32, Data::integer}, {DType::f32, Data::wide},  {DType::f32, Data::real},
                              {DType::f32, Data::wild},    {DType::f32, Data::coded}, {DType::f64, Data::wide},
                              {DType::f64, Data::real},    {DType::f64, Data::wild},  {DType::int64, Data::integer}};
constexpr Kind few_kinds[] = {
    {DType::f32, Data::integer}, {DType::f32, Data::wide}, {DType::f32, Data::real}, {DType::f64, Data::real}};

Case base(int dims) {
  Case c = sweep_base(family::conv, dims);
  c.out_channels = 4;
  const Axes kernels[] = {{3}, {2, 3}, {2, 1, 3}};
  c.kernel = kernels[dims - 1];
  return c;
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
          add_kinds(cases, c, all_kinds);
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
            add_kinds(cases, c, few_kinds);
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
          add_kinds(cases, c, few_kinds);
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
        add_kinds(cases, c, all_kinds);
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
        add_kinds(cases, c, few_kinds);
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
          add_kinds(cases, c, few_kinds);
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
            set_layout(c, layout);
            c.groups = groups;
            c.channels = 4;
            c.bias = stride == 1;
            set_axes(c, &Case::stride, {stride, 1});
            set_axes(c, &Case::dilation, {dilation, 1});
            set_axes(c, &Case::before, {1});
            add_kinds(cases, c, few_kinds);
          }
        }
      }
    }
  }
  return cases;
}

std::vector<Case> integer_types() {
  constexpr Kind kinds[] = {{DType::int64, Data::integer}, {DType::int64, Data::wide},   {DType::int64, Data::real},
                            {DType::int32, Data::integer}, {DType::int32, Data::wild},   {DType::int16, Data::integer},
                            {DType::int16, Data::real},    {DType::int8, Data::integer}, {DType::int8, Data::wild},
                            {DType::uint8, Data::integer}, {DType::uint8, Data::real},   {DType::int32, Data::coded}};
  std::vector<Case> cases;
  for (int dims = 1; dims <= 3; ++dims) {
    for (const Index stride : {1, 2}) {
      for (const Index dilation : {1, 2}) {
        Case c = base(dims);
        c.bias = stride == 2;
        set_axes(c, &Case::stride, {stride, 1});
        set_axes(c, &Case::dilation, {1, dilation});
        set_axes(c, &Case::before, {0, 1});
        add_kinds(cases, c, kinds);
      }
    }
  }
  return cases;
}

/// Input, weight and output each in a memory of its own; storage that does not begin with the tensor.
std::vector<Case> memories() {
  std::vector<Case> cases;
  for (int dims = 1; dims <= 3; ++dims) {
    for (const auto of : {&Case::x, &Case::w, &Case::y}) {
      for (const Layout layout : {Layout::channels_last, Layout::strided, Layout::slice, Layout::transposed}) {
        for (const Index groups : {1, 2}) {
          Case c = base(dims);
          c.channels = 4;
          c.groups = groups;
          c.bias = groups == 2;
          set_axes(c, &Case::before, {1, 0});
          (c.*of).layout = layout;
          add_kinds(cases, c, few_kinds);
        }
      }
      Case c = base(dims);
      (c.*of).offset = 5;
      add_kinds(cases, c, few_kinds);
    }
    for (const Layout layout : {Layout::slice, Layout::transposed}) {
      Case c = base(dims);
      set_layout(c, layout);
      c.x.offset = c.w.offset = c.y.offset = 3;
      add_kinds(cases, c, few_kinds);
    }
  }
  return cases;
}

}  // namespace

std::vector<Sweep> conv_sweeps() {
  return {{"stride x padding x dilation", stride_padding_dilation()},
          {"uneven axes", uneven()},
          {"padding after", padding_after()},
          {"groups", groups()},
          {"channels", channels()},
          {"sizes", sizes()},
          {"layouts", layouts()},
          {"integer types", integer_types()},
          {"memory of each tensor", memories()},
          {"as in networks", conv_layers_of_networks()}};
}

}  // namespace refloop
