// The cases of the pools that every run compares.
#include <array>

#include "families/networks.h"
#include "families/pool.h"
#include "families/sweep_tools.h"

namespace refloop {
namespace {

constexpr Kind all_kinds[] = {{DType::f32, Data::integer}, {DType::f32, Data::wide},     {DType::f32, Data::real},
                              {DType::f32, Data::wild},    {DType::f32, Data::coded},    {DType::f64, Data::real},
                              {DType::f64, Data::wild},    {DType::int64, Data::integer}};
constexpr Kind few_kinds[] = {{DType::f32, Data::integer}, {DType::f32, Data::wild}, {DType::f64, Data::real}};
constexpr Kind integer_kinds[] = {{DType::int64, Data::real},    {DType::int32, Data::integer},
                                  {DType::int16, Data::integer}, {DType::int8, Data::wild},
                                  {DType::uint8, Data::wild},    {DType::uint8, Data::integer}};

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
        set_layout(c, layout);
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

/// Input and output each in a memory of its own; storage that does not begin with the tensor.
std::vector<Case> memories(const Family& family) {
  std::vector<Case> cases;
  for (int dims = 1; dims <= 3; ++dims) {
    for (const auto of : {&Case::x, &Case::y}) {
      for (const Layout layout : {Layout::channels_last, Layout::strided, Layout::slice, Layout::transposed}) {
        Case c = sweep_base(family, dims);
        set_axes(c, &Case::kernel, {2, 3});
        set_axes(c, &Case::stride, {2, 1});
        (c.*of).layout = layout;
        add_kinds(cases, c, few_kinds);
      }
      Case c = sweep_base(family, dims);
      set_axes(c, &Case::kernel, {2, 3});
      set_axes(c, &Case::stride, {1, 2});
      (c.*of).offset = 5;
      add_kinds(cases, c, few_kinds);
    }
  }
  return cases;
}

/// Taps so far apart that all of a window's lie in the padding.
std::vector<Case> windows_of_nothing(const Family& family) {
  std::vector<Case> cases;
  for (int dims = 1; dims <= 3; ++dims) {
    for (const Index input : {1, 2}) {
      Case c = sweep_base(family, dims);
      c.input[0] = input;
      set_axes(c, &Case::kernel, {2, 3});
      set_axes(c, &Case::stride, {1});
      set_axes(c, &Case::before, {1});
      set_axes(c, &Case::dilation, {input + 1, 1});
      add(cases, c, few_kinds, extreme_variants);
    }
  }
  return cases;
}

std::vector<Sweep> sweeps(const Family& family, Variants variants) {
  return {{"stride x padding x dilation", even_windows(family, variants)},
          {"uneven axes", uneven_windows(family, variants)},
          {"ceil_mode", ceil_mode(family, variants)},
          {"data and layouts", data_and_layouts(family, variants)},
          {"memory of each tensor", memories(family)},
          {"as in networks", pools_of_networks(family)}};
}

std::vector<Sweep> extreme_sweeps(const Family& family) {
  std::vector<Sweep> all = sweeps(family, extreme_variants);
  all.push_back({"windows of nothing", windows_of_nothing(family)});
  return all;
}

}  // namespace

std::vector<Sweep> max_pool_sweeps() {
  return extreme_sweeps(family::max_pool);
}
std::vector<Sweep> min_pool_sweeps() {
  return extreme_sweeps(family::min_pool);
}
std::vector<Sweep> avg_pool_sweeps() {
  return sweeps(family::avg_pool, avg_variants);
}

}  // namespace refloop
