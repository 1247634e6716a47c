// The cases of batch norm that every run compares.
#include <tuple>
#include <utility>

#include "families/batch_norm.h"
#include "families/networks.h"
#include "families/sweep_tools.h"

namespace refloop {
namespace {

constexpr Kind all_kinds[] = {{DType::f32, Data::integer}, {DType::f32, Data::wide},   {DType::f32, Data::real},
                              {DType::f32, Data::wild},    {DType::f32, Data::coded},  {DType::f64, Data::real},
                              {DType::f64, Data::wild},    {DType::f64, Data::integer}};
constexpr Kind few_kinds[] = {{DType::f32, Data::real}, {DType::f64, Data::real}};

/// Training with and without running statistics and evaluation, each plain and affine.
void add_modes(std::vector<Case>& cases, Case c, std::span<const Kind> kinds) {
  for (const auto& [train, stats] : {std::pair{true, false}, {true, true}, {false, false}}) {
    for (const bool affine : {false, true}) {
      c.train = train;
      c.stats = stats;
      c.affine = affine;
      add_kinds(cases, c, kinds);
    }
  }
}

/// N x C, and one to three spatial axes.
std::vector<Case> bases() {
  std::vector<Case> cases;
  for (int dims = 0; dims <= 3; ++dims) {
    Case c = sweep_base(family::batch_norm, dims);
    c.batch = 4;
    cases.push_back(c);
  }
  return cases;
}

std::vector<Case> modes() {
  std::vector<Case> cases;
  for (const Case& base : bases()) add_modes(cases, base, all_kinds);
  return cases;
}

std::vector<Case> momentum_and_eps() {
  std::vector<Case> cases;
  for (Case c : bases()) {
    for (const double momentum : {0.0, 0.25, 0.3, 1.0}) {
      for (const double eps : {1e-5, 1e-3, 1e-12, 0.5}) {
        c.momentum = momentum;
        c.eps = eps;
        add_modes(cases, c, few_kinds);
      }
    }
  }
  return cases;
}

std::vector<Case> sizes() {
  std::vector<Case> cases;
  for (const Case& base : bases()) {
    for (const Index batch : {0, 1, 2, 7}) {
      for (const Index channels : {1, 2, 9, 17}) {
        Case c = base;
        c.batch = batch;
        c.channels = channels;
        add_modes(cases, c, few_kinds);
      }
    }
  }
  return cases;
}

std::vector<Case> layouts() {
  std::vector<Case> cases;
  for (const Case& base : bases()) {
    for (const Layout layout : {Layout::channels_last, Layout::strided}) {
      for (const bool one_position : {false, true}) {
        Case c = base;
        set_layout(c, layout);
        if (one_position) set_axes(c, &Case::input, {1});
        add_modes(cases, c, all_kinds);
      }
    }
  }
  return cases;
}

/// Statistics that are exact, and outputs in one of the ways to compute them at least: n of 2, 4, 5, 9, 16 and 17
/// values a channel, and eps that make variance + eps a power of 4.
std::vector<Case> exact_statistics() {
  constexpr Kind kinds[] = {{DType::f32, Data::integer}, {DType::f64, Data::integer}};
  constexpr Kind of_evaluation[] = {{DType::f32, Data::wide}, {DType::f64, Data::coded}};
  std::vector<Case> cases;
  for (const auto& [batch, height, width] :
       {std::tuple{2, 1, 1}, {1, 1, 2}, {2, 2, 1}, {5, 1, 1}, {1, 3, 3}, {2, 2, 4}, {1, 1, 17}}) {
    for (const double eps : {0.0, 0.75, 3.0, 0.1875}) {
      for (const double momentum : {0.5, 0.25}) {
        Case c = sweep_base(family::batch_norm, 2);
        c.batch = batch;
        set_axes(c, &Case::input, {height, width});
        c.eps = eps;
        c.momentum = momentum;
        add_modes(cases, c, kinds);
        c.affine = true;
        add_kinds(cases, c, of_evaluation);
      }
    }
  }
  return cases;
}

}  // namespace

std::vector<Sweep> batch_norm_sweeps() {
  return {{"training, evaluation, affine", modes()},
          {"momentum x eps", momentum_and_eps()},
          {"batch and channels", sizes()},
          {"exact statistics", exact_statistics()},
          {"layouts", layouts()},
          {"as in networks", batch_norms_of_networks()}};
}

}  // namespace refloop
