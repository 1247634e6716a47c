// What batch norm is to the engine: its settings, legality, inputs, loops and sweeps.
#include "check/batch_norm.h"

#include <algorithm>
#include <cmath>

#include "check/batch_norm_mistakes.h"
#include "check/data.h"
#include "check/tensors.h"
#include "check/window_tools.h"
#include "kernels/batch_norm_loops.h"

namespace refloop {
namespace {

constexpr Field fields[] = {
    {.key = "n", .word = "batch", .at = &Case::batch, .least = 0, .most = 6},
    {.key = "c", .word = "channels", .at = &Case::channels, .least = 1, .most = 9},
    {.key = "i", .word = "input size", .at = &Case::input, .least = 1, .most = 9},
    {.key = "train", .word = "training", .at = &Case::train, .off = "eval"},
    {.key = "affine", .word = "weight and bias", .at = &Case::affine},
    {.key = "stats", .word = "running statistics in training", .at = &Case::stats},
    {.key = "mom", .word = "momentum", .at = &Case::momentum},
    {.key = "eps", .word = "eps", .at = &Case::eps},
};

constexpr DType dtypes[] = {DType::f64, DType::f32};

bool is_flat(const Case& c) {
  return c.dims == 1 && c.input[0] == 0;
}

std::vector<Index> shape_of(const Case& c) {
  return is_flat(c) ? std::vector<Index>{c.batch, c.channels} : input_shape(c);
}

void check(const Case& c) {
  const std::string name = operator_name(c);
  const auto axes = first_axes(c.input, c.dims);
  if (!is_flat(c) && std::count(axes.begin(), axes.end(), 0) > 0)
    refuse(name, "i (input size) is missing; give it as in i5");
  check_elements("input", shape_of(c));
  const auto size = [&](bool given) { return given ? std::optional(c.channels) : std::nullopt; };
  check_batch_norm(name, shape_of(c), {size(c.affine), size(c.affine), size(has_running(c)), size(has_running(c))},
                   c.train, c.momentum, c.eps);
}

void settle(Case& c) {
  for (std::size_t axis = 0; axis < static_cast<std::size_t>(c.dims); ++axis) {
    if (c.dims > 1 && c.input[axis] == 0) c.input[axis] = 3 + static_cast<Index>(axis);
  }
  if (!c.train) c.stats = false;
  const Index values = is_flat(c) ? 1 : volume_of(c.input, c.dims);
  if (c.train && c.batch * values < 2) c.batch = 2;
}

Index values_per_channel(const Case& c) {
  return c.batch * (is_flat(c) ? 1 : volume_of(c.input, c.dims));
}

void fill_kind(const Case& c, const AnyTensor& tensor) {
  const Draw values(c.seed, tensor.name);
  constexpr Index largest = 16;
  switch (c.data) {
    case Data::integer:
      fill_integers(tensor, c, largest);
      break;
    case Data::wide:
      fill(tensor, [&](Index position) { return wide_value(values, position, exact_limit(c.dtype), true); });
      break;
    case Data::coded:
      fill_codes(tensor, c);
      break;
    case Data::real:
      fill_real(tensor, c);
      break;
    // About every fourth channel gets a special value.
    case Data::special:
      fill_special(tensor, c, 4 * std::max<Index>(1, values_per_channel(c)));
      break;
  }
}

std::vector<AnyTensor> inputs(const Case& c) {
  std::vector<AnyTensor> tensors{make_tensor("input", c.dtype, shape_of(c), c.layout)};
  const auto add = [&](std::string_view name) { tensors.push_back(make_tensor(name, c.dtype, {c.channels})); };
  if (c.affine) {
    add("weight");
    add("bias");
  }
  if (has_running(c)) {
    add("running_mean");
    add("running_var");
  }
  for (const auto& tensor : tensors) fill_kind(c, tensor);
  if (!has_running(c)) return tensors;
  dispatch_batch_norm(c, [&]<class T, std::size_t>() {  // a variance is not negative
    const auto variance = tensors.back().view<T, 1>();
    for (Index channel = 0; channel < c.channels; ++channel) variance(channel) = std::abs(variance(channel));
  });
  return tensors;
}

std::vector<AnyTensor> outputs(const Case& c) {
  std::vector<AnyTensor> tensors{make_tensor("output", c.dtype, shape_of(c), c.layout)};
  if (!c.train || !c.stats) return tensors;
  tensors.push_back(make_tensor("running_mean", c.dtype, {c.channels}));
  tensors.push_back(make_tensor("running_var", c.dtype, {c.channels}));
  return tensors;
}

/// Division and square root round whatever the order of the sums, and kernels differ in what they round.
Exactness exactness(const Case& c) {
  return {false, values_per_channel(c), 0};
}

Index work(const Case& c) {
  return 3 * c.channels * values_per_channel(c);
}

void loops(const Case& c, Order order, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  dispatch_batch_norm(c, [&]<class T, std::size_t Rank>() {
    const auto channels = channels_of<T>(c, in, out);
    for (std::size_t number = 1; number < out.size(); ++number) {  // updated in place, from what comes in
      const auto before = find(in, out[number].name)->template view<const T, 1>();
      for (Index channel = 0; channel < c.channels; ++channel) out[number].view<T, 1>()(channel) = before(channel);
    }
    const BatchNormSettings settings{c.train, c.momentum, c.eps};
    const auto input = in[0].view<const T, Rank>();
    const bool in_type = order == Order::channels_last || volume(input.spatial()) == 1;
    const auto run = in_type ? batch_norm_loops<T, T, Rank> : batch_norm_loops<double, T, Rank>;
    run(input, channels, settings, out[0].view<T, Rank>());
  });
}

// ---- sweeps ----

constexpr Kind all_kinds[] = {{DType::f32, Data::integer}, {DType::f32, Data::wide},   {DType::f32, Data::real},
                              {DType::f32, Data::special}, {DType::f32, Data::coded},  {DType::f64, Data::real},
                              {DType::f64, Data::special}, {DType::f64, Data::integer}};
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
    Case c = sweep_base(family::batch_norm, std::max(dims, 1));
    if (dims == 0) c.input = {};
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
    for (const Index batch : {1, 2, 7}) {
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
        c.layout = layout;
        if (one_position && !is_flat(c)) set_axes(c, &Case::input, {1});
        add_modes(cases, c, all_kinds);
      }
    }
  }
  return cases;
}

std::vector<Sweep> sweeps() {
  return {{"training, evaluation, affine", modes()},
          {"momentum x eps", momentum_and_eps()},
          {"batch and channels", sizes()},
          {"layouts", layouts()}};
}

}  // namespace

const Family family::batch_norm{
    .name = "batch_norm",
    .says = "normalization by the statistics of each channel; batch_norm1d without i is N x C",
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
    .mistakes = batch_norm_mistakes};

}  // namespace refloop
