// What batch norm is to the engine: its settings, legality and orders.
#include "families/batch_norm.h"

#include "check/common_fields.h"
#include "check/legal.h"
#include "check/tensors.h"
#include "families/batch_norm_bound.h"
#include "families/batch_norm_data.h"
#include "families/batch_norm_orders.h"
#include "families/case_tools.h"
#include "families/plugin_tools.h"

namespace refloop {
namespace {

constexpr Field fields[] = {
    {.key = "n", .word = "batch", .kind = &kind::number<&Case::batch>, .least = 0, .most = 6},
    {.key = "c", .word = "channels", .kind = &kind::number<&Case::channels>, .least = 1, .most = 9},
    {.key = "i",
     .word = "input size",
     .kind = &kind::axes_or_flat<&Case::input>,
     .least = 1,
     .most = 9,
     .required = true},
    {.key = "train", .word = "training", .kind = &kind::flag<&Case::train>, .off = "eval"},
    {.key = "affine", .word = "weight and bias", .kind = &kind::flag<&Case::affine>},
    {.key = "stats", .word = "running statistics in training", .kind = &kind::flag<&Case::stats>},
    {.key = "mom", .word = "momentum", .kind = &kind::real<&Case::momentum>},
    {.key = "eps", .word = "eps", .kind = &kind::real<&Case::eps>},
};

constexpr DType dtypes[] = {DType::f64, DType::f32};

void legal(const Case& c) {
  const auto size = [&](bool given) { return given ? std::optional(c.channels) : std::nullopt; };
  check_elements("input", input_shape(c));
  check_batch_norm(operator_name(c), input_shape(c),
                   {size(c.affine), size(c.affine), size(has_running(c)), size(has_running(c))}, c.train, c.momentum,
                   c.eps);
}

void settle(Case& c) {
  settle_memory(c);
  if (!c.train) c.stats = false;
  if (c.train && c.batch * volume_of(c.input, c.dims) == 1) c.batch = 2;
}

/// As layers have it: weight and bias, running statistics, torch's momentum and eps.
void as_in_networks(Case& c, const Draw&, Index) {
  c.affine = true;
  c.stats = c.train;
  c.momentum = Case{}.momentum;
  c.eps = Case{}.eps;
}

std::vector<AnyTensor> outputs(const Case& c) {
  auto tensors = list_of(make_tensor("output", c.dtype, input_shape(c), c.y));
  if (!c.train || !c.stats) return tensors;
  tensors.push_back(make_tensor("running_mean", c.dtype, {c.channels}));
  tensors.push_back(make_tensor("running_var", c.dtype, {c.channels}));
  return tensors;
}

/// The same case on data that are exact, as far as any are. An evaluation has such that use every significand bit.
std::vector<Case> twins(const Case& c) {
  Case twin = with_data(c, Data::integer);
  twin.eps = 0;
  twin.momentum = 0.5;
  twin.only.reset();
  std::vector<Case> exact{twin};
  twin.eps = 0.75;  // with eps 0 none could be seen that is forgotten
  exact.push_back(twin);
  if (!c.train) exact.push_back(with_data(twin, Data::wide));
  return exact;
}

Index work(const Case& c) {
  return 3 * c.channels * values_per_channel(c);
}

std::vector<Argument> arguments(const Case& c) {
  return {{"training", c.train}, {"momentum", c.momentum}, {"eps", c.eps}};
}

int plugin(void* symbol, const Case& c, Tensors in, Outputs out) {
  const refloop_batch_norm_params params{.momentum = c.momentum, .eps = c.eps, .training = c.train ? 1 : 0};
  running_as_given(c, in, out);
  constexpr std::size_t with_an_axis = 3;
  Described input(in[0], with_an_axis), output(out[0], with_an_axis);
  MaybeDescribed weight(find(in, "weight")), bias(find(in, "bias"));
  const Tensors running = c.train ? Tensors(out) : in;
  MaybeDescribed mean(find(running, "running_mean")), variance(find(running, "running_var"));
  return reinterpret_cast<decltype(&refloop_batch_norm2d)>(symbol)(input, weight, bias, mean, variance, &params,
                                                                   output);
}

constexpr std::string_view chan = "Chan, Golub, LeVeque, Am. Stat. 37 (1983) 242";
constexpr Algorithm algorithms[] = {
    {.name = "two-pass",
     .says = "the mean, then the mean of squared distances from it",
     .source = chan,
     .declare = {},
     .fits = [](const Case&) { return true; },
     .margins = margins_of_two_passes,
     .telling = nullptr,
     .unknown = difference::variance_of_no_numbers},
    {.name = "one-pass",
     .says = "the mean of squares less the square of the mean, whether shifted or not",
     .source = chan,
     .declare = "--variance one-pass",
     .fits = [](const Case&) { return true; },
     .margins = margins_of_one_pass,
     .telling = nullptr,
     .unknown = difference::variance_of_no_numbers},
    {.name = "welford",
     .says = "updating mean and squares value by value, or merging those of parts",
     .source = chan,
     .declare = "--variance welford",
     .fits = [](const Case&) { return true; },
     .margins = margins_of_welford,
     .telling = nullptr,
     .unknown = difference::variance_of_no_numbers},
};

constexpr std::string_view by_hand = "kernels as people write them";
constexpr Way orders[] = {
    {.name = "sums_in_double",
     .says = "image by image, row by row, in double; x * scale + shift",
     .source = "include/refloop/batch_norm.h; LibTorch on contiguous memory",
     .run = [](const Case& c, const Way&, Tensors in,
               Outputs out) { run_batch_norm<InverseDeviation>(c, false, in, out); }},
    {.name = "sums_in_type",
     .says = "image by image, row by row, in the element type; x * scale + shift",
     .source = "LibTorch on channels_last memory",
     .run = [](const Case& c, const Way&, Tensors in,
               Outputs out) { run_batch_norm<InverseDeviation>(c, true, in, out); }},
    {.name = "double_sums_centered",
     .says = "sums in double, 1 / sqrt in the element type; (x - mean) * inverse * weight + bias",
     .source = by_hand,
     .run = batch_norm_order::run<true, false, false, batch_norm_order::Form::centered>},
    {.name = "double_sums_centered_double_inverse",
     .says = "sums and 1 / sqrt in double; (x - mean) * inverse * weight + bias",
     .source = by_hand,
     .run = batch_norm_order::run<true, false, true, batch_norm_order::Form::centered>},
    {.name = "double_sums_divided",
     .says = "sums in double; (x - mean) / sqrt(variance + eps) * weight + bias",
     .source = by_hand,
     .run = batch_norm_order::run<true, false, false, batch_norm_order::Form::divided>},
    {.name = "double_sums_weight_first",
     .says = "sums in double; weight * (x - mean) / sqrt(variance + eps) + bias",
     .source = "ONNX's node tests, which numpy computed",
     .run = batch_norm_order::run<true, false, false, batch_norm_order::Form::weight_first>},
    {.name = "double_sums_fused",
     .says = "sums and 1 / sqrt in double; x * scale + shift in one rounding",
     .source = "LibTorch with AVX2",
     .run = batch_norm_order::run<true, false, true, batch_norm_order::Form::fused_scale_shift>},
    {.name = "double_sums_scale_shift",
     .says = "sums in double, 1 / sqrt in the element type; x * scale + shift",
     .source = by_hand,
     .run = batch_norm_order::run<true, false, false, batch_norm_order::Form::scale_shift>},
    {.name = "one_pass_type_centered",
     .says = "everything in the element type, sums of x and x * x; (x - mean) * inverse * weight + bias",
     .source = by_hand,
     .run = batch_norm_order::run<false, true, false, batch_norm_order::Form::centered>},
    {.name = "one_pass_type_divided",
     .says = "everything in the element type, sums of x and x * x; (x - mean) / sqrt(variance + eps) * weight + bias",
     .source = by_hand,
     .run = batch_norm_order::run<false, true, false, batch_norm_order::Form::divided>},
    {.name = "one_pass_type_weight_first",
     .says = "everything in the element type, sums of x and x * x; weight * (x - mean) / sqrt(variance + eps) + bias",
     .source = by_hand,
     .run = batch_norm_order::run<false, true, false, batch_norm_order::Form::weight_first>},
    {.name = "one_pass_type_scale_shift",
     .says = "everything in the element type, sums of x and x * x; x * scale + shift",
     .source = by_hand,
     .run = batch_norm_order::run<false, true, false, batch_norm_order::Form::scale_shift>},
    {.name = "type_sums_centered",
     .says = "everything in the element type; (x - mean) * inverse * weight + bias",
     .source = by_hand,
     .run = batch_norm_order::run<false, false, false, batch_norm_order::Form::centered>},
    {.name = "type_sums_divided",
     .says = "everything in the element type; (x - mean) / sqrt(variance + eps) * weight + bias",
     .source = by_hand,
     .run = batch_norm_order::run<false, false, false, batch_norm_order::Form::divided>},
    {.name = "type_sums_weight_first",
     .says = "everything in the element type; weight * (x - mean) / sqrt(variance + eps) + bias",
     .source = by_hand,
     .run = batch_norm_order::run<false, false, false, batch_norm_order::Form::weight_first>},
    {.name = "type_sums_scale_shift",
     .says = "everything in the element type; x * scale + shift",
     .source = by_hand,
     .run = batch_norm_order::run<false, false, false, batch_norm_order::Form::scale_shift>},
    {.name = "type_sums_fused",
     .says = "sums in the element type, 1 / sqrt too; x * scale + shift in one rounding",
     .source = by_hand,
     .run = batch_norm_order::run<false, false, false, batch_norm_order::Form::fused_scale_shift>},
};

}  // namespace

constinit const Family family::batch_norm{
    .name = "batch_norm",
    .says = "normalization by the statistics of each channel; batch_norm1d without i is N x C",
    .fields = fields,
    .dtypes = dtypes,
    .legal = legal,
    .settle = settle,
    .as_in_networks = as_in_networks,
    .inputs = batch_norm_inputs,
    .outputs = outputs,
    .all_orders_agree = is_exact_in_every_algorithm,
    .work = work,
    .arguments = arguments,
    .plugin = plugin,
    .nests = {},
    .term_axes = nullptr,
    .algorithms = algorithms,
    .undetermined = nullptr,
    .twins = twins,
    .fold = nullptr,
    .orders = orders,
    .mistakes = batch_norm_mistakes,
    .sweeps = batch_norm_sweeps};

}  // namespace refloop
