// What batch norms of this folder and of tests/wrong share: a batch norm in pieces, each of which a kernel may do
// otherwise. It inherits from Usual and hides what it does in its own way.
#pragma once

#include <cmath>
#include <vector>

#include "right/parts.h"

namespace right {

/// Of one channel.
template <class T>
struct Spread {
  T mean, biased, unbiased;
};

struct Usual {
  /// Sums in double, distances from the mean in T.
  template <class T>
  static Spread<T> spread(const std::vector<T>& values) {
    const auto count = static_cast<T>(values.size());
    double sum = 0, squares = 0;
    for (const T value : values) sum += value;
    const T mean = static_cast<T>(sum / static_cast<double>(count));
    for (const T value : values) squares += static_cast<T>((value - mean) * (value - mean));
    return {mean, static_cast<T>(squares) / count, static_cast<T>(squares) / (count - 1)};
  }
  template <class T>
  static T normalizing(const Spread<T>& spread) {
    return spread.biased;
  }
  template <class T>
  static T kept(const Spread<T>& spread) {
    return spread.unbiased;
  }
  template <class T>
  static T inverse(T variance, double eps) {
    return static_cast<T>(1 / std::sqrt(static_cast<double>(variance) + eps));
  }
  template <class T>
  static T output(T value, T mean, T inverse, T weight, T bias) {
    const T scale = inverse * weight;
    return value * scale + (bias - mean * scale);
  }
  static double momentum(double given) { return given; }
  template <class T>
  static T updated(T before, T batch, double momentum) {
    const T share = static_cast<T>(momentum);
    return share * batch + (1 - share) * before;
  }
};

template <class How, class T>
int batch_norm_of(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, DLTensor* running_mean,
                  DLTensor* running_var, const refloop_batch_norm_params& p, DLTensor* output) {
  const View<const T> x(input);
  const View<T> y(output);
  for (Index c = 0; c < y.shape[1]; ++c) {
    std::vector<T> values;
    for (Index n = 0; n < y.shape[0]; ++n) {
      for_each(y.spatial(), [&](const Position& at) { values.push_back(x(n, c, at)); });
    }
    if (values.empty()) return 0;
    T mean, variance;
    if (p.training != 0) {
      const Spread<T> spread = How::template spread<T>(values);
      mean = spread.mean;
      variance = How::normalizing(spread);
      if (running_mean != nullptr) {
        T &kept_mean = View<T>(running_mean)(c), &kept_variance = View<T>(running_var)(c);
        const double momentum = How::momentum(p.momentum);
        kept_mean = How::updated(kept_mean, spread.mean, momentum);
        kept_variance = How::updated(kept_variance, How::kept(spread), momentum);
      }
    } else {
      mean = View<T>(running_mean)(c);
      variance = View<T>(running_var)(c);
    }
    const T inverse = How::inverse(variance, p.eps);
    const T w = weight != nullptr ? View<const T>(weight)(c) : T{1},
            b = bias != nullptr ? View<const T>(bias)(c) : T{0};
    for (Index n = 0; n < y.shape[0]; ++n) {
      for_each(y.spatial(), [&](const Position& at) { y(n, c, at) = How::output(x(n, c, at), mean, inverse, w, b); });
    }
  }
  return 0;
}

template <class How>
int batch_norm(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, DLTensor* running_mean,
               DLTensor* running_var, const refloop_batch_norm_params* p, DLTensor* output) {
  return with_type<double, float>(input, [&](auto zero) {
    return batch_norm_of<How, decltype(zero)>(input, weight, bias, running_mean, running_var, *p, output);
  });
}

}  // namespace right
