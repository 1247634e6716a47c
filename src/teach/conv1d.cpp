// One Conv1d layer with the weights that torch draws for it, and one of its outputs term by term.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "refloop/conv.h"
#include "teach/cases.h"
#include "teach/chapters.h"

namespace refloop::teach {
namespace {

constexpr Index in_channels = 7, length = 10, out_channels = 8, kernel_size = 2;

struct Drawn {
  Tensor<std::int64_t, 2> input;
  float bound;
  Tensor<float, 3> weight;
  Tensor<float, 1> bias;
};

/// The notebook's cell from `manual_seed` on: input, then weight, then bias, from one generator.
Drawn draw(bool fused) {
  TorchGenerator generator(notebook_seed);
  auto input = generator.randint(0, 10, Extents<2>{in_channels, length});
  const auto bound = static_cast<float>(1 / std::sqrt(static_cast<double>(in_channels * kernel_size)));
  auto weight = generator.uniform(-bound, bound, Extents<3>{out_channels, in_channels, kernel_size}, fused);
  auto bias = generator.uniform(-bound, bound, Extents<1>{out_channels}, fused);
  return {std::move(input), bound, std::move(weight), std::move(bias)};
}

template <class T, std::size_t Rank>
std::ptrdiff_t differing(const Tensor<T, Rank>& a, const Tensor<T, Rank>& b) {
  std::ptrdiff_t count = 0;
  for (std::size_t at = 0; at < a.elements().size(); ++at) count += a.elements()[at] != b.elements()[at];
  return count;
}

float largest_distance(const Tensor<float, 3>& a, const Tensor<float, 3>& b) {
  float largest = 0;
  for (std::size_t at = 0; at < a.elements().size(); ++at) {
    largest = std::max(largest, std::abs(a.elements()[at] - b.elements()[at]));
  }
  return largest;
}

/// output[0, 0]: the bias, and under it the two products of each channel with the sum so far.
void terms_of_first_output(Lesson& lesson, const Tensor<float, 3>& x, const Tensor<float, 3>& w,
                           const Tensor<float, 1>& b) {
  float sum = b(0);
  lesson.line(fmt::format("  {:<36}{:>9.4f}", "the bias", sum));
  for (Index ic = 0; ic < in_channels; ++ic) {
    std::string products;
    for (Index tap = 0; tap < kernel_size; ++tap) {
      sum = sum + w(0, ic, tap) * x(0, ic, tap);
      products +=
          fmt::format(" {} {:.4f}*{:.0f}", w(0, ic, tap) < 0 ? '-' : '+', std::abs(w(0, ic, tap)), x(0, ic, tap));
    }
    lesson.line(fmt::format("  channel {}: {:<25}{:>9.4f}", ic, products, sum));
  }
  lesson.line();
}

/// As the notebook sums: the products first, the bias at the end.
Tensor<float, 3> bias_last(const Tensor<float, 3>& x, const Tensor<float, 3>& w, const Tensor<float, 1>& b) {
  auto output = refloop::conv1d(x, w);
  for (Index oc = 0; oc < out_channels; ++oc) {
    for (Index at = 0; at < output.extents()[2]; ++at) output(Index{0}, oc, at) += b(oc);
  }
  return output;
}

}  // namespace

void conv1d_chapter(Lesson& lesson) {
  const auto [drawn, bound, weight, bias] = draw(false);
  const auto plane = to_float(drawn);
  const Tensor<float, 3> input({1, in_channels, length}, plane.elements());

  lesson.say(
      "Now one spatial axis, seven channels, and a layer as torch makes it: torch.nn.Conv1d(7, 8, 2) draws its weights "
      "by itself. It takes them evenly from -bound to bound, with bound = 1 / sqrt(fan_in), where fan_in is the number "
      "of weights of one filter.");
  lesson.line(
      fmt::format("Conv1d({}, {}, kernel_size=({},), stride=({},))", in_channels, out_channels, kernel_size, 1));
  lesson.line(fmt::format("bound = 1 / sqrt({} * {}) = {:.4f}", in_channels, kernel_size, bound));
  lesson.line();
  lesson.say(fmt::format(
      "The generator is the one of the first chapter, seeded with {} again: {} draws for the input, {} for the "
      "weight, {} for the bias, in this order. For a weight the lower 24 bits of a draw are taken, as many as a float "
      "keeps: u = bits / 2^24, weight = u * (bound - -bound) + -bound.",
      notebook_seed, plane.size(), weight.size(), bias.size()));
  lesson.show(plane, "x");
  lesson.show(weight, "w");
  lesson.show(bias, "b");
  lesson.say(fmt::format(
      "These are torch's bits where it rounds the product and then the sum (ATEN_CPU_CAPABILITY=default). Its kernels "
      "for AVX processors round once (a fused multiply-add), and then {} of the {} weights differ in their last bits: "
      "the same seed does not mean the same bits on another machine.",
      differing(weight, draw(true).weight), weight.size()));

  const auto output = refloop::conv1d(input, weight, bias);
  lesson.say("The first output element, from its start, with the sum so far at the right:");
  terms_of_first_output(lesson, input, weight, bias);
  lesson.show(Tensor<float, 2>({out_channels, output.extents()[2]}, output.elements()), "output");
  compare_conv(lesson, input, weight, bias, {}, output, "conv1d");

  const auto other = bias_last(input, weight, bias);
  lesson.say(fmt::format(
      "Floats are rounded after each step, so the order of the steps shows in the last bits. The loop starts at the "
      "bias, as torch does where its matrix product sums in order; the notebook adds it at the end. Done that way, {} "
      "of {} outputs get other "
      "bits, by {:.1e} at most; {} printed decimal shows it. That is why the notebook compares this layer by eye and "
      "asserts nothing, and why the order of summation of refloop's loops is written down.",
      differing(output, other), output.size(), largest_distance(output, other),
      to_string(output) == to_string(other) ? "no" : "even a"));
  constexpr Next after[] = {
      {"refloop parity --case conv1d_c7_i10_o8_k2_bias_real_seed42", "such a layer on other random floats, judged"},
      {"refloop parity --case conv1d_c7_i10_o8_k2_bias_channelslast_real", "other memory, and so another order"},
      {"refloop notebook batch_norm", "what the notebook left unfinished"}};
  lesson.next(after);
}

}  // namespace refloop::teach
