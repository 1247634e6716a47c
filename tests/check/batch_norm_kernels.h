// Right batch norms for the tests, in pieces: sums in every order, divided by n or by way of 1 / n, in the element type
// or wider; variance in two passes, in one or by updating; outputs put together in many ways. What is left open is
// drawn.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <random>
#include <type_traits>
#include <vector>

namespace refloop::batch_norm_kernel {

using Random = std::mt19937_64;

enum class Order { forward, backward, pairwise, lanes, compensated };
constexpr Order all_orders[] = {Order::forward, Order::backward, Order::pairwise, Order::lanes, Order::compensated};
enum class Divide { exactly, by_reciprocal, in_parts };
constexpr Divide all_divisions[] = {Divide::exactly, Divide::by_reciprocal, Divide::in_parts};

template <class S>
S sum_of(const S* terms, std::size_t count, Order order) {
  S sum = 0;
  switch (order) {
    case Order::forward:
      for (std::size_t at = 0; at < count; ++at) sum += terms[at];
      return sum;
    case Order::backward:
      for (std::size_t at = count; at-- > 0;) sum += terms[at];
      return sum;
    case Order::pairwise:
      if (count <= 2) return count == 0 ? S{0} : count == 1 ? terms[0] : terms[0] + terms[1];
      return sum_of(terms, count / 2, order) + sum_of(terms + count / 2, count - count / 2, order);
    case Order::lanes: {
      S lanes[8] = {};
      for (std::size_t at = 0; at < count; ++at) lanes[at % 8] += terms[at];
      return sum_of(lanes, 8, Order::pairwise);
    }
    default: {
      S lost = 0;
      for (std::size_t at = 0; at < count; ++at) {
        const S term = terms[at] - lost, next = sum + term;
        lost = (next - sum) - term;
        sum = next;
      }
      return sum - lost;
    }
  }
}

template <class S>
S divided(S sum, S count, Divide how) {
  return how == Divide::exactly ? sum / count : sum * (1 / count);
}

template <class S>
S average(const std::vector<S>& terms, Order order, Divide how) {
  const std::size_t count = terms.size();
  if (how == Divide::in_parts) {  // the mean of the means of rows
    for (const std::size_t row : {2U, 3U, 5U, 7U}) {
      if (count % row != 0) continue;
      std::vector<S> means;
      for (std::size_t at = 0; at < count; at += row) {
        means.push_back(divided(sum_of(&terms[at], row, order), static_cast<S>(row), how));
      }
      return divided(sum_of(means.data(), means.size(), order), static_cast<S>(means.size()), how);
    }
  }
  return divided(sum_of(terms.data(), count, order), static_cast<S>(count), how);
}

template <class T>
struct Statistics {
  T mean, biased, unbiased;
};

/// The unbiased variance in one of four ways.
template <class T, class S>
Statistics<T> stored(S mean, S variance, std::size_t count, Random& random) {
  const T biased = static_cast<T>(variance), n = static_cast<T>(count);
  const S wide = static_cast<S>(count);
  const std::array<T, 4> ways{biased * (n / (n - 1)), biased * n / (n - 1), biased * n * (1 / (n - 1)),
                              static_cast<T>(variance * wide / (wide - 1))};
  return {static_cast<T>(mean), biased, ways[random() % ways.size()]};
}

template <class S, class T>
std::vector<S> widened(const std::vector<T>& values) {
  return {values.begin(), values.end()};
}

/// `corrected`: by what is left of the mean. Sums in double may be of distances and squares in T.
template <class S, class T>
Statistics<T> two_passes(const std::vector<T>& values, Order order, Divide how, bool corrected, Random& random) {
  S mean = average(widened<S>(values), order, how);
  const bool narrow = random() % 2 == 0;
  if (random() % 2 == 0) mean = static_cast<S>(static_cast<T>(mean));
  std::vector<S> distances, squares;
  for (const T value : values) {
    const S distance = narrow ? static_cast<S>(value - static_cast<T>(mean)) : static_cast<S>(value) - mean;
    const S square = narrow ? static_cast<S>(static_cast<T>(distance) * static_cast<T>(distance)) : distance * distance;
    distances.push_back(distance);
    squares.push_back(square);
  }
  S variance = average(squares, order, how);
  if (!narrow || !std::is_same_v<S, T>) {
    const S sum = sum_of(squares.data(), squares.size(), order);  // stored, then divided
    if (random() % 2 == 0) variance = static_cast<S>(static_cast<T>(sum) / static_cast<T>(values.size()));
  }
  if (corrected) {
    const S left = average(distances, order, how);
    variance -= left * left;
  }
  return stored<T>(mean, variance, values.size(), random);
}

template <class S, class T>
Statistics<T> one_pass(const std::vector<T>& values, Order order, Divide how, bool shifted, Random& random) {
  std::vector<S> terms, squares;
  for (const T value : values) {
    terms.push_back(static_cast<S>(value) - (shifted ? static_cast<S>(values[0]) : S{0}));
    squares.push_back(terms.back() * terms.back());
  }
  const S count = static_cast<S>(values.size()), mean = average(terms, order, how);
  const S sum = sum_of(terms.data(), terms.size(), order), sum_of_squares = sum_of(squares.data(), terms.size(), order);
  S fused = 0;
  for (const S term : terms) fused = std::fma(term, term, fused);
  const std::array<S, 5> ways{
      average(squares, order, how) - mean * mean, divided(sum_of_squares - sum * mean, count, how),
      divided(sum_of_squares - sum * sum / count, count, how), std::fma(-mean, mean, divided(fused, count, how)),
      divided(sum_of_squares - count * mean * mean, count, how)};
  const S variance = ways[random() % ways.size()];
  return stored<T>(shifted ? static_cast<S>(values[0]) + mean : mean,
                   random() % 2 == 0 ? std::max(variance, S{0}) : variance, values.size(), random);
}

template <class S>
struct Part {
  S count = 0, mean = 0, squares = 0;

  void add(S value, bool by_reciprocal) {
    count += 1;
    const S distance = value - mean;
    mean += by_reciprocal ? distance * (1 / count) : distance / count;
    squares += distance * (value - mean);
  }
  void merge(const Part& other, bool weighs_both) {
    if (other.count == 0) return;
    const S whole = count + other.count, distance = other.mean - mean, share = other.count / whole;
    mean = weighs_both ? (count * mean + other.count * other.mean) / whole : mean + distance * share;
    squares += other.squares + distance * distance * count * share;
    count = whole;
  }
};

template <class S, class T>
Part<S> merged(const T* values, std::size_t count, std::size_t leaf, bool weighs_both) {
  Part<S> part;
  if (count <= leaf) {
    for (std::size_t at = 0; at < count; ++at) part.add(static_cast<S>(values[at]), weighs_both);
    return part;
  }
  part = merged<S>(values, count - count / 2, leaf, weighs_both);
  part.merge(merged<S>(values + count - count / 2, count / 2, leaf, weighs_both), weighs_both);
  return part;
}

enum class Merging { none, halves, lanes, blocks };
constexpr Merging all_mergings[] = {Merging::none, Merging::halves, Merging::lanes, Merging::blocks};

template <class S, class T>
Statistics<T> welford(const std::vector<T>& values, Merging merging, Random& random) {
  const bool either = random() % 2 == 0;
  Part<S> whole;
  if (merging == Merging::none) {
    for (const T value : values) whole.add(static_cast<S>(value), either);
  } else if (merging == Merging::halves) {
    whole = merged<S>(values.data(), values.size(), 1 + random() % 4, either);
  } else if (merging == Merging::lanes) {
    std::vector<Part<S>> lanes(std::size_t{1} << (1 + random() % 5));
    for (std::size_t at = 0; at < values.size(); ++at) lanes[at % lanes.size()].add(static_cast<S>(values[at]), either);
    for (std::size_t half = lanes.size() / 2; half > 0; half /= 2) {
      for (std::size_t lane = 0; lane < half; ++lane) lanes[lane].merge(lanes[lane + half], either);
    }
    whole = lanes[0];
  } else {
    const std::size_t size = 1 + random() % 16;
    for (std::size_t at = 0; at < values.size(); at += size) {
      Part<S> block;
      for (std::size_t in = at; in < std::min(at + size, values.size()); ++in) {
        block.add(static_cast<S>(values[in]), either);
      }
      whole.merge(block, false);
    }
  }
  return stored<T>(whole.mean, divided(whole.squares, whole.count, either ? Divide::exactly : Divide::by_reciprocal),
                   values.size(), random);
}

/// `approximates`: the last bit may be another.
template <class T>
T inverse_of(T variance, double eps, bool approximates, Random& random) {
  const T in_type = variance + static_cast<T>(eps);
  const double root = std::sqrt(static_cast<double>(variance) + eps);
  const T near = static_cast<T>(1 / std::sqrt(static_cast<long double>(in_type)));
  switch (random() % (approximates ? 4 : 3)) {
    case 0:
      return 1 / std::sqrt(in_type);
    case 1:
      return static_cast<T>(1 / root);
    case 2:
      return std::sqrt(1 / in_type);
    default:
      return std::nextafter(near, random() % 2 == 0 ? T{0} : std::numeric_limits<T>::max());
  }
}

constexpr int forms = 12;
template <class T>
T output_of(int form, T x, T mean, T inverse, T deviation, T w, T b) {
  const T distance = x - mean, scale = inverse * w, shift = b - mean * scale;
  switch (form) {
    case 0:
      return distance * inverse * w + b;
    case 1:
      return std::fma(distance * inverse, w, b);
    case 2:
      return distance * scale + b;
    case 3:
      return std::fma(distance, scale, b);
    case 4:
      return w * distance / deviation + b;
    case 5:
      return distance / deviation * w + b;
    case 6:
      return distance * w * inverse + b;
    case 7:
      return x * scale + shift;
    case 8:
      return std::fma(x, scale, shift);
    case 9:
      return std::fma(x, scale, std::fma(-mean, scale, b));
    case 10:
      return x * inverse * w + (b - mean * inverse * w);
    default:
      return (x * inverse - mean * inverse) * w + b;
  }
}

template <class T>
T updated(T before, T is, double momentum, Random& random) {
  const T share = static_cast<T>(momentum);
  switch (random() % 3) {
    case 0:
      return share * is + (1 - share) * before;
    case 1:
      return before + share * (is - before);
    default:
      return static_cast<T>(momentum * static_cast<double>(is) + (1 - momentum) * static_cast<double>(before));
  }
}

}  // namespace refloop::batch_norm_kernel
