// The bound of convolutions by FFT; its derivation stands in families/conv_transforms.h.
#include <algorithm>
#include <bit>
#include <cmath>
#include <span>

#include "check/bound.h"
#include "check/tensors.h"
#include "families/case_tools.h"
#include "families/conv_transforms.h"
#include "families/transform_tools.h"

namespace refloop {
namespace {

/// |plane|_2 without overflow or underflow.
double norm(std::span<const double> plane) {
  double largest = 0;
  for (const double number : plane) {
    if (!std::isfinite(number)) return unknown_radius;
    largest = std::max(largest, std::abs(number));
  }
  if (largest == 0) return 0;
  double sum = 0;
  for (const double number : plane) sum += number / largest * (number / largest);
  return largest * std::sqrt(sum);
}

std::vector<double> norms(const std::vector<double>& numbers, Index plane) {
  std::vector<double> all;
  for (std::size_t at = 0; at < numbers.size(); at += static_cast<std::size_t>(plane)) {
    all.push_back(norm(std::span(numbers).subspan(at, static_cast<std::size_t>(plane))));
  }
  return all;
}

}  // namespace

bool fits_fft(const Case& c) {
  return !is_integer_type(c.dtype);
}

std::vector<double> radii_of_fft(const Case& c, const Declared& declared, Tensors in) {
  const Arithmetic sums = arithmetic_of(c, declared);
  constexpr Index least_size = 16;
  double doublings = 0;
  for (std::size_t axis = 0; axis < static_cast<std::size_t>(c.dims); ++axis) {
    const Index needed = c.before[axis] + c.input[axis] + c.after[axis] + reach(c.kernel[axis], c.dilation[axis]) - 1;
    doublings += static_cast<double>(std::bit_width(static_cast<std::uint64_t>(std::max(needed, least_size) - 1)));
  }
  const double levels = 10 * (1 + doublings), size = std::exp2(doublings);
  // A number that underflows is off by less than u times the smallest normal one: each counts as if it were that large.
  const double least = 4 * size * (declared.flushes_subnormals ? sums.normal / sums.unit : sums.normal);
  const double inputs = 2 * (2 * sums.unit_of_inputs + sums.unit_of_inputs * sums.unit_of_inputs);

  const Index channels = c.channels / c.groups, filters = c.out_channels / c.groups;
  const Index outputs = volume_of(output_sizes(c), c.dims);
  const std::vector<double> input = norms(elements_of(in[0]), volume_of(c.input, c.dims));
  const std::vector<double> weight = norms(elements_of(in[1]), volume_of(c.kernel, c.dims));
  const std::vector<double> bias =
      c.bias ? elements_of(in[2]) : std::vector<double>(static_cast<std::size_t>(c.out_channels));
  std::vector<double> radii;
  for (Index n = 0; n < c.batch; ++n) {
    for (Index oc = 0; oc < c.out_channels; ++oc) {
      double products = 0, largest = 0;
      Index kept = 0;
      for (Index channel = 0; channel < channels; ++channel) {
        const double x = input[static_cast<std::size_t>(n * c.channels + oc / filters * channels + channel)];
        const double w = weight[static_cast<std::size_t>(oc * channels + channel)];
        largest = std::max({largest, x, w});
        if (w == 0 && x < unknown_radius) continue;
        ++kept;
        products += x == 0 ? 0 : (x + least) * (w + least);
      }
      const double steps = 3 * levels + static_cast<double>(kept) + 12;
      const bool may_overflow = !(size * products < sums.large / 4 && size * largest < sums.large / 4);
      const bool says_nothing = steps * sums.unit >= 0.01;
      const double rounding = 1.01 * sums.unit * steps + inputs;
      const double loss = 4 * (steps + 1) * (declared.flushes_subnormals ? sums.normal : sums.tiny);
      double radius = may_overflow || says_nothing ? unknown_radius : rounding * products + loss;
      const double start = std::abs(bias[static_cast<std::size_t>(oc)]);
      if (c.bias) radius += sums.unit * (products + 2 * start + radius);
      radii.insert(radii.end(), static_cast<std::size_t>(outputs), radius < unknown_radius ? radius : unknown_radius);
    }
  }
  return radii;
}

Margins margins_of_fft(const Case& c, const Declared& declared, Tensors in) {
  return raised_margins(c, declared, in, radii_of_fft(c, declared, in));
}

std::vector<AnyTensor> telling_of_fft(const Case& c) {
  return telling_numbers(c, 2, 2);
}

}  // namespace refloop
