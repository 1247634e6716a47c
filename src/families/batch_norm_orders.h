// Right batch norms that round otherwise than LibTorch's: how the sums are kept, where the inverse deviation is taken,
// and how an output is put together. Each is known by its name, so that a kernel that promises nothing is recognised.
#pragma once

#include <cmath>
#include <cstdint>
#include <vector>

#include "check/tensors.h"
#include "families/batch_norm.h"
#include "families/case_tools.h"

namespace refloop::batch_norm_order {

/// How an output comes of a value.
enum class Form : std::uint8_t { scale_shift, fused_scale_shift, centered, divided, weight_first };

/// What of it rounds where.
struct How {
  bool sums_in_double, one_pass, inverse_in_double;
  Form form;
};

template <class T>
struct Statistics {
  T mean, biased;  // variance
  double kept;
};

/// Mean and variance of a channel's values.
template <class T, class Sum>
Statistics<T> statistics_of(const std::vector<T>& values, bool one_pass) {
  const auto count = static_cast<Sum>(values.size());
  Sum sum = 0, squares = 0;
  for (const T value : values) sum += static_cast<Sum>(value);
  const Sum mean = sum / count;
  for (const T value : values) {
    const Sum distance = one_pass ? static_cast<Sum>(value) : static_cast<Sum>(value) - mean;
    squares += distance * distance;
  }
  const Sum spread = one_pass ? squares - count * mean * mean : squares;
  return {static_cast<T>(mean), static_cast<T>(spread / count), static_cast<double>(spread / (count - 1))};
}

template <class T>
T normalized(T value, T mean, T inverse, T deviation, T weight, T bias, Form form) {
  const T scale = inverse * weight, shift = bias - mean * scale;
  switch (form) {
    case Form::scale_shift:
      return value * scale + shift;
    case Form::fused_scale_shift:
      return std::fma(value, scale, shift);
    case Form::centered:
      return (value - mean) * inverse * weight + bias;
    case Form::weight_first:
      return weight * (value - mean) / deviation + bias;
    default:
      return (value - mean) / deviation * weight + bias;
  }
}

template <class T>
void run_in(const Case& c, const How& how, Tensors in, Outputs out) {
  running_as_given(c, in, out);
  const auto channels = channels_of<T>(c, in, out);
  const auto plane = volume_of(c.input, c.dims);
  const auto channel_at = [&](Index number) { return static_cast<std::size_t>(number / plane % c.channels); };
  const T* const input = static_cast<const T*>(in[0].data);
  std::vector<std::vector<T>> values(static_cast<std::size_t>(c.channels));
  Index number = 0;
  for_each_offset(in[0], [&](Index offset) { values[channel_at(number++)].push_back(input[offset]); });

  std::vector<Statistics<T>> statistics;
  for (Index channel = 0; channel < c.channels; ++channel) {
    if (!c.train) {
      statistics.push_back({(*channels.running_mean)(channel), (*channels.running_var)(channel), 0});
      continue;
    }
    const std::vector<T>& own = values[static_cast<std::size_t>(channel)];
    if (own.empty()) return;
    statistics.push_back(how.sums_in_double ? statistics_of<T, double>(own, how.one_pass)
                                            : statistics_of<T, T>(own, how.one_pass));
    const auto momentum = static_cast<T>(c.momentum);
    if (channels.running_mean) {
      T& mean = (*channels.running_mean)(channel);
      mean = momentum * statistics.back().mean + (1 - momentum) * mean;
      T& variance = (*channels.running_var)(channel);
      variance = momentum * static_cast<T>(statistics.back().kept) + (1 - momentum) * variance;
    }
  }

  T* const output = static_cast<T*>(out[0].data);
  number = 0;
  for_each_offset(in[0], out[0].strides, [&](Index from, Index to) {
    const std::size_t at = channel_at(number++);
    const auto channel = static_cast<Index>(at);
    const auto& [mean, variance, kept] = statistics[at];
    const double exact_deviation = std::sqrt(static_cast<double>(variance) + c.eps);
    const T in_type = std::sqrt(variance + static_cast<T>(c.eps));
    const T deviation = how.inverse_in_double ? static_cast<T>(exact_deviation) : in_type;
    const T inverse = how.inverse_in_double ? static_cast<T>(1 / exact_deviation) : 1 / in_type;
    output[to] = normalized(input[from], mean, inverse, deviation, channels.weight ? (*channels.weight)(channel) : T{1},
                            channels.bias ? (*channels.bias)(channel) : T{0}, how.form);
  });
}

/// As a family's orders have it.
template <bool SumsInDouble, bool OnePass, bool InverseInDouble, Form AForm>
void run(const Case& c, const Way&, Tensors in, Outputs out) {
  constexpr How how{SumsInDouble, OnePass, InverseInDouble, AForm};
  dispatch(Types<double, float>{}, c.dtype, [&]<class T>() { run_in<T>(c, how, in, out); });
}

}  // namespace refloop::batch_norm_order
