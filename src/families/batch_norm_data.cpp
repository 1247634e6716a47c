#include "families/batch_norm_data.h"

#include <algorithm>
#include <cmath>
#include <initializer_list>
#include <limits>
#include <optional>
#include <utility>

#include "check/data.h"
#include "check/tensors.h"
#include "families/batch_norm.h"
#include "families/case_tools.h"

namespace refloop {
namespace {

/// k of variance + eps = 4^k, where eps has one; where it is 0, each channel has its own.
std::optional<int> power_of(const Case& c, Index channel) {
  constexpr int most = 4;  // beyond, sums of squares would not fit a float
  if (c.eps == 0) return static_cast<int>(Draw(c.seed, "variance").between(0, 2, channel));
  int exponent = 0;
  const bool is_three_quarters = std::frexp(c.eps, &exponent) == 0.75 && exponent % 2 == 0;
  return is_three_quarters && std::abs(exponent) <= 2 * most ? std::optional(exponent / 2) : std::nullopt;
}

/// The root of the variance that goes with it.
double deviation_of(const Case& c, Index channel) {
  return std::ldexp(1, *power_of(c, channel) - (c.eps == 0 ? 0 : 1));
}

/// Whether n * x * (1 / n) rounds to x, whatever x.
template <class T>
bool divides_by_reciprocal(Index n) {
  const T count = static_cast<T>(n);
  return std::abs(std::fma(count, 1 / count, T{-1})) < std::numeric_limits<T>::epsilon() / 4;
}

bool is_even_pattern(Index n) {
  return n >= 2 && n % 2 == 0 && divides_by_reciprocal<float>(n) && divides_by_reciprocal<double>(n);
}
bool has_pattern(Index n) {
  return n == 5 || n == 9 || n == 17 || is_even_pattern(n);
}

/// The distances of n values from their mean, as multiples of a power of two.
std::vector<signed char> pattern_of(Index n) {
  const auto padded = [&](std::initializer_list<signed char> distances) {
    std::vector<signed char> all(distances);
    all.resize(static_cast<std::size_t>(n));
    return all;
  };
  if (n == 5) return padded({3, -3, 1, -1});
  if (n == 9) return padded({3, -3, 3, -3});
  if (n == 17) return padded({5, -5, 3, -3});
  std::vector<signed char> signs(static_cast<std::size_t>(n), 1);
  std::fill(signs.begin() + n / 2, signs.end(), static_cast<signed char>(-1));
  return signs;
}

void fill_exact_batch(const Case& c, AnyTensor& input) {
  constexpr Index most_mean = 8;
  const Draw means(c.seed, "mean"), order(c.seed, "order");
  const Index plane = volume_of(c.input, c.dims), count = values_per_channel(c);
  const std::vector<signed char> pattern = pattern_of(count);
  std::vector<std::vector<signed char>> distances;
  std::vector<double> mean, scale;
  for (Index channel = 0; channel < c.channels; ++channel) {
    std::vector<signed char> mixed = pattern;
    for (Index at = count; at-- > 1;) {
      const Index other = order.between(0, at, channel * count + at);
      std::swap(mixed[static_cast<std::size_t>(at)], mixed[static_cast<std::size_t>(other)]);
    }
    distances.push_back(std::move(mixed));
    const Index size = means.between(1, most_mean, channel);
    mean.push_back(static_cast<double>((means(channel, 1) & 1) != 0 ? -size : size));
    scale.push_back(deviation_of(c, channel) / (count % 2 == 0 ? 1 : 2));
  }
  fill(input, [&](Index position) {
    const auto channel = static_cast<std::size_t>(position / plane % c.channels);
    const auto at = static_cast<std::size_t>(position / (plane * c.channels) * plane + position % plane);
    return mean[channel] + distances[channel][at] * scale[channel];
  });
}

/// Of whole numbers so small that outputs fit a float beside the widest input.
void fill_exact(const Case& c, AnyTensor& tensor) {
  const Draw values(c.seed, tensor.name);
  constexpr Index most_weight = 4, most_other = 8, most_input = 16;
  if (tensor.name == "input") {
    if (c.train) return fill_exact_batch(c, tensor);
    if (c.data == Data::coded) return fill_codes(tensor, c);
    if (c.data == Data::integer) return fill_integers(tensor, c, most_input);
    return fill(tensor,
                [&](Index position) { return wide_value(values, position, exact_limit(c.dtype) / most_input, true); });
  }
  fill_integers(tensor, c, tensor.name == "weight" ? most_weight : most_other);
  if (tensor.name == "running_var" && !c.train) {
    fill(tensor, [&](Index channel) { return std::pow(deviation_of(c, channel), 2); });
  }
  if (tensor.name == "bias") {  // in units of the scaled input
    dispatch(Types<double, float>{}, c.dtype, [&]<class T>() {
      const auto bias = tensor.view<T, 1>();
      for (Index channel = 0; channel < c.channels; ++channel) {
        bias(channel) = std::ldexp(bias(channel), std::max(0, -*power_of(c, channel)));
      }
    });
  }
}

/// Ordinary numbers, and in about every third channel one that is not finite; in training that keeps running
/// statistics a NaN, since a compensated mean may make one of an infinity.
void fill_special(const Case& c, AnyTensor& tensor) {
  fill_real(tensor, c);
  const Index count = values_per_channel(c);
  if (tensor.name != "input" || count == 0) return;
  const Draw draw(c.seed, "not finite");
  const Index plane = volume_of(c.input, c.dims);
  const auto value = [&](Index channel) {
    const double drawn = not_finite(draw, channel);
    return c.train && c.stats ? std::numeric_limits<double>::quiet_NaN() : drawn;
  };
  dispatch(Types<double, float>{}, c.dtype, [&]<class T>() {
    T* const elements = static_cast<T*>(tensor.data);
    Index position = -1;
    for_each_offset(tensor, [&](Index offset) {
      ++position;
      const Index channel = position / plane % c.channels;
      const Index at = position / (plane * c.channels) * plane + position % plane;
      const bool is_taken = draw.between(1, 3, channel, 2) == 1 && draw.between(0, count - 1, channel, 3) == at;
      if (is_taken) elements[offset] = static_cast<T>(value(channel));
    });
  });
}

void fill_kind(const Case& c, AnyTensor& tensor) {
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
    case Data::special:
      fill_special(c, tensor);
      break;
    // About every fourth channel gets a special value.
    case Data::wild:
      fill_wild(tensor, c, 4 * std::max<Index>(1, values_per_channel(c)));
      break;
  }
}

/// Whether the inputs are those above; a case with one element left is not.
bool is_filled_exactly(const Case& c) {
  if (!power_of(c, 0)) return false;
  if (c.train) return c.data == Data::integer && has_pattern(values_per_channel(c));
  return c.data == Data::integer || c.data == Data::wide || c.data == Data::coded;
}

}  // namespace

Index values_per_channel(const Case& c) {
  return c.batch * volume_of(c.input, c.dims);
}

std::vector<AnyTensor> batch_norm_inputs(const Case& c) {
  auto tensors = list_of(make_tensor("input", c.dtype, input_shape(c), c.x));
  const auto add = [&](std::string_view name) { tensors.push_back(make_tensor(name, c.dtype, {c.channels})); };
  if (c.affine) {
    add("weight");
    add("bias");
  }
  if (has_running(c)) {
    add("running_mean");
    add("running_var");
  }
  const bool exactly = is_filled_exactly(c);
  for (auto& tensor : tensors) exactly ? fill_exact(c, tensor) : fill_kind(c, tensor);
  if (!has_running(c)) return tensors;
  dispatch_batch_norm(c, [&]<class T, std::size_t>() {  // a variance is not negative
    const auto variance = tensors.back().view<T, 1>();
    for (Index channel = 0; channel < c.channels; ++channel) variance(channel) = std::abs(variance(channel));
  });
  return tensors;
}

bool is_exact_in_passes(const Case& c) {
  constexpr Index most_scaled = 16;  // codes grow with the input
  const Index largest = c.data == Data::coded ? c.channels * values_per_channel(c) : 1;
  return is_filled_exactly(c) && !c.only && largest <= exact_limit(c.dtype) / most_scaled;
}

bool is_exact_in_every_algorithm(const Case& c) {
  if (!is_exact_in_passes(c)) return false;
  if (!c.train) return true;
  const bool keeps_exactly = !c.stats || std::fmod(c.momentum, 0.25) == 0;
  return values_per_channel(c) == 2 && keeps_exactly;
}

}  // namespace refloop
