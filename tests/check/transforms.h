// Convolutions by way of transforms, written here once more, from the papers: what the bounds are held against.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <complex>
#include <numbers>
#include <vector>

#include "check/subjects.h"
#include "families/case_tools.h"

namespace refloop::transforms {

using Rows = std::vector<std::vector<double>>;

/// As printed by Lavin and Gray, and by ncnn for the points +-sqrt 2 and +-1/sqrt 2.
struct Matrices {
  Index outputs;
  Rows a, g, b;  // A^T, G, B^T
};
inline const Matrices f2{2,
                         {{1, 1, 1, 0}, {0, 1, -1, -1}},
                         {{1, 0, 0}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}},
                         {{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}}};
inline const Matrices f4{4,
                         {{1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}},
                         {{1. / 4, 0, 0},
                          {-1. / 6, -1. / 6, -1. / 6},
                          {-1. / 6, 1. / 6, -1. / 6},
                          {1. / 24, 1. / 12, 1. / 6},
                          {1. / 24, -1. / 12, 1. / 6},
                          {0, 0, 1}},
                         {{4, 0, -5, 0, 1, 0},
                          {0, -4, -4, 1, 1, 0},
                          {0, 4, -4, -1, 1, 0},
                          {0, -2, -1, 2, 1, 0},
                          {0, 2, -1, -2, 1, 0},
                          {0, 4, 0, -5, 0, 1}}};
inline const Matrices f6{6,
                         {{1, 1, 1, 1, 1, 32, 32, 0},
                          {0, 1, -1, 2, -2, 16, -16, 0},
                          {0, 1, 1, 4, 4, 8, 8, 0},
                          {0, 1, -1, 8, -8, 4, -4, 0},
                          {0, 1, 1, 16, 16, 2, 2, 0},
                          {0, 1, -1, 32, -32, 1, -1, 1}},
                         {{1, 0, 0},
                          {-2. / 9, -2. / 9, -2. / 9},
                          {-2. / 9, 2. / 9, -2. / 9},
                          {1. / 90, 1. / 45, 2. / 45},
                          {1. / 90, -1. / 45, 2. / 45},
                          {1. / 45, 1. / 90, 1. / 180},
                          {1. / 45, -1. / 90, 1. / 180},
                          {0, 0, 1}},
                         {{1, 0, -5.25, 0, 5.25, 0, -1, 0},
                          {0, 1, 1, -4.25, -4.25, 1, 1, 0},
                          {0, -1, 1, 4.25, -4.25, -1, 1, 0},
                          {0, .5, .25, -2.5, -1.25, 2, 1, 0},
                          {0, -.5, .25, 2.5, -1.25, -2, 1, 0},
                          {0, 2, 4, -2.5, -5, .5, 1, 0},
                          {0, -2, 4, 2.5, -5, -.5, 1, 0},
                          {0, -1, 0, 5.25, 0, -5.25, 0, 1}}};
inline constexpr double r2 = std::numbers::sqrt2, h2 = r2 / 2;
inline const Matrices f4_sqrt2{
    4,
    {{1, 1, 1, 1, 1, 0}, {0, h2, -h2, r2, -r2, 0}, {0, .5, .5, 2, 2, 0}, {0, r2 / 4, -r2 / 4, 2 * r2, -2 * r2, 1}},
    {{1, 0, 0},
     {-2. / 3, -r2 / 3, -1. / 3},
     {-2. / 3, r2 / 3, -1. / 3},
     {1. / 6, r2 / 6, 1. / 3},
     {1. / 6, -r2 / 6, 1. / 3},
     {0, 0, 1}},
    {{1, 0, -2.5, 0, 1, 0},
     {0, -r2, -2, h2, 1, 0},
     {0, r2, -2, -h2, 1, 0},
     {0, -h2, -.5, r2, 1, 0},
     {0, h2, -.5, -r2, 1, 0},
     {0, 1, 0, -2.5, 0, 1}}};

enum class Sums { in_order, pairwise, in_parts };  // in parts: every four channels are transformed back by themselves

/// How a kernel computes, and what it does wrong.
struct How {
  Matrices matrices = f4;
  bool shares = false;  // sub-expressions; F(4, 3) alone
  Sums sums = Sums::in_order;
  bool bias_in_transform = false;  // at point 1
  Index drops = -1;                // this channel of a group
  unsigned mask = 0xFFFFFFFF;      // bits of transformed floats that are kept
};

template <class T>
using Line = std::array<T, 8>;

template <class T>
Line<T> times(const Rows& rows, const Line<T>& in) {
  Line<T> out{};
  for (std::size_t row = 0; row < rows.size(); ++row) {
    T sum = 0;
    for (std::size_t at = 0; at < rows[row].size(); ++at) {
      if (rows[row][at] != 0) sum += static_cast<T>(rows[row][at]) * in[at];
    }
    out[row] = sum;
  }
  return out;
}
template <class T>
Line<T> shared_inputs(const Line<T>& d) {
  const T even = d[4] - 4 * d[2], odd = d[3] - 4 * d[1], even_2 = d[4] - d[2], odd_2 = 2 * (d[3] - d[1]);
  return {4 * d[0] - 5 * d[2] + d[4], even + odd, even - odd, even_2 + odd_2, even_2 - odd_2,
          4 * d[1] - 5 * d[3] + d[5]};
}
template <class T>
Line<T> shared_outputs(const Line<T>& m) {
  const T sum = m[1] + m[2], difference = m[1] - m[2], sum_2 = m[3] + m[4], difference_2 = m[3] - m[4];
  return {m[0] + sum + sum_2, difference + 2 * difference_2, sum + 4 * sum_2, difference + 8 * difference_2 + m[5]};
}

/// A tile of up to 8 x 8 numbers; of one axis only the first row is used.
template <class T>
using Square = std::array<Line<T>, 8>;

template <class T, class Transform>
Square<T> along_axes(const Square<T>& in, int dims, Transform&& transform) {
  Square<T> half{};
  for (std::size_t row = 0; row < (dims == 1 ? 1 : in.size()); ++row) half[row] = transform(in[row]);
  if (dims == 1) return half;
  Square<T> out{};
  for (std::size_t column = 0; column < in.size(); ++column) {
    Line<T> line{};
    for (std::size_t row = 0; row < in.size(); ++row) line[row] = half[row][column];
    line = transform(line);
    for (std::size_t row = 0; row < in.size(); ++row) out[row][column] = line[row];
  }
  return out;
}

template <class T>
void add(Square<T>& to, const Square<T>& more) {
  for (std::size_t row = 0; row < to.size(); ++row) {
    for (std::size_t column = 0; column < to.size(); ++column) to[row][column] += more[row][column];
  }
}

inline float without_low_bits(float value, unsigned mask) {
  return std::bit_cast<float>(std::bit_cast<unsigned>(value) & mask);
}
inline double without_low_bits(double value, unsigned) {
  return value;
}

template <class T>
class WinogradKernel {
 public:
  WinogradKernel(const Case& c, Tensors in, const How& how)
      : case_(c), how_(how), x_(elements<T>(in[0])), w_(elements<T>(in[1])) {
    if (c.bias) bias_ = elements<T>(in[2]);
    const Axes out = output_sizes(c);
    const bool is_plane = c.dims == 2;
    const auto last = static_cast<std::size_t>(c.dims - 1);
    height_ = is_plane ? c.input[0] : 1, width_ = c.input[last];
    out_height_ = is_plane ? out[0] : 1, out_width_ = out[last];
    top_ = is_plane ? c.before[0] : 0, left_ = c.before[last];
  }

  std::vector<T> operator()() const {
    const Index m = how_.matrices.outputs, step = case_.dims == 2 ? m : 1;
    const Index channels = case_.channels / case_.groups, filters = case_.out_channels / case_.groups;
    std::vector<T> y(static_cast<std::size_t>(case_.batch * case_.out_channels * out_height_ * out_width_));
    std::vector<Square<T>> weights;
    for (Index at = 0; at < case_.out_channels * channels; ++at) weights.push_back(weight(at));
    for (Index n = 0; n < case_.batch; ++n) {
      for (Index row = 0; row < out_height_; row += step) {
        for (Index column = 0; column < out_width_; column += m) {
          std::vector<Square<T>> inputs;
          for (Index channel = 0; channel < case_.channels; ++channel) {
            inputs.push_back(input(n * case_.channels + channel, row, column));
          }
          for (Index oc = 0; oc < case_.out_channels; ++oc) {
            const Square<T> tile = outputs(&weights[static_cast<std::size_t>(oc * channels)],
                                           &inputs[static_cast<std::size_t>(oc / filters * channels)], channels, oc);
            for (Index i = 0; i < std::min(step, out_height_ - row); ++i) {
              for (Index j = 0; j < std::min(m, out_width_ - column); ++j) {
                const Index at = ((n * case_.out_channels + oc) * out_height_ + row + i) * out_width_ + column + j;
                y[static_cast<std::size_t>(at)] = tile[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)];
              }
            }
          }
        }
      }
    }
    return y;
  }

 private:
  Square<T> kept(Square<T> square) const {
    for (auto& line : square) {
      for (T& value : line) value = without_low_bits(value, how_.mask);
    }
    return square;
  }
  Square<T> weight(Index at) const {
    const Index rows = case_.dims == 2 ? 3 : 1;
    Square<T> tile{};
    for (Index i = 0; i < 3 * rows; ++i) {
      tile[static_cast<std::size_t>(i / 3)][static_cast<std::size_t>(i % 3)] =
          w_[static_cast<std::size_t>(at * 3 * rows + i)];
    }
    return kept(along_axes(tile, case_.dims, [&](const Line<T>& line) { return times(how_.matrices.g, line); }));
  }
  Square<T> input(Index plane, Index row, Index column) const {
    Square<T> tile{};
    const Index inputs = how_.matrices.outputs + 2;
    for (Index i = 0; i < (case_.dims == 2 ? inputs : 1); ++i) {
      for (Index j = 0; j < inputs; ++j) {
        const Index from_row = row + i - top_, from = column + j - left_;
        if (from_row < 0 || from_row >= height_ || from < 0 || from >= width_) continue;
        tile[static_cast<std::size_t>(i)][static_cast<std::size_t>(j)] =
            x_[static_cast<std::size_t>((plane * height_ + from_row) * width_ + from)];
      }
    }
    return kept(along_axes(tile, case_.dims, [&](const Line<T>& line) {
      return how_.shares ? shared_inputs(line) : times(how_.matrices.b, line);
    }));
  }
  Square<T> back(const Square<T>& sums) const {
    return along_axes(sums, case_.dims, [&](const Line<T>& line) {
      return how_.shares ? shared_outputs(line) : times(how_.matrices.a, line);
    });
  }
  Square<T> sum(const Square<T>* u, const Square<T>* v, Index first, Index count) const {
    if (count > 1 && how_.sums == Sums::pairwise) {
      Square<T> total = sum(u, v, first, count / 2);
      add(total, sum(u, v, first + count / 2, count - count / 2));
      return total;
    }
    Square<T> total{};
    for (Index channel = first; channel < first + count; ++channel) {
      if (channel == how_.drops) continue;
      for (std::size_t row = 0; row < total.size(); ++row) {
        for (std::size_t column = 0; column < total.size(); ++column) {
          total[row][column] += u[channel][row][column] * v[channel][row][column];
        }
      }
    }
    return total;
  }
  Square<T> outputs(const Square<T>* u, const Square<T>* v, Index channels, Index oc) const {
    const T start = case_.bias ? bias_[static_cast<std::size_t>(oc)] : T{0};
    Square<T> y{};
    if (how_.sums == Sums::in_parts) {
      for (Index first = 0; first < channels; first += 4) {
        add(y, back(sum(u, v, first, std::min<Index>(4, channels - first))));
      }
    } else {
      Square<T> sums = sum(u, v, 0, channels);
      if (how_.bias_in_transform) sums[case_.dims == 2 ? 1 : 0][1] += start;
      y = back(sums);
      if (how_.bias_in_transform) return y;
    }
    for (auto& line : y) {
      for (T& value : line) value += start;
    }
    return y;
  }

  const Case& case_;
  const How& how_;
  std::vector<T> x_, w_, bias_;
  Index height_, width_, out_height_, out_width_, top_, left_;
};

// ---- FFT ----

struct HowFft {
  bool channel_by_channel = false;  // each is transformed back by itself
  Index drops = -1;
  bool wrong_twiddle = false;  // one sign, in the level of four
};

template <class T>
using Complex = std::complex<T>;

template <class T>
Complex<T> product(const Complex<T>& one, const Complex<T>& other) {
  return {one.real() * other.real() - one.imag() * other.imag(), one.real() * other.imag() + one.imag() * other.real()};
}

/// Radix 2, decimation in time.
template <class T>
void fft(std::vector<Complex<T>>& line, int sign, bool wrong_twiddle) {
  const std::size_t size = line.size(), half = size / 2;
  if (size == 1) return;
  std::vector<Complex<T>> even(half), odd(half);
  for (std::size_t at = 0; at < half; ++at) even[at] = line[2 * at], odd[at] = line[2 * at + 1];
  fft(even, sign, wrong_twiddle);
  fft(odd, sign, wrong_twiddle);
  for (std::size_t at = 0; at < half; ++at) {
    double angle = sign * 2 * std::numbers::pi * static_cast<double>(at) / static_cast<double>(size);
    if (wrong_twiddle && size == 4 && at == 1) angle = -angle;
    const Complex<T> turn(static_cast<T>(std::cos(angle)), static_cast<T>(std::sin(angle)));
    const Complex<T> turned = product(turn, odd[at]);
    line[at] = even[at] + turned;
    line[at + half] = even[at] - turned;
  }
}

template <class T>
std::vector<T> fft_kernel(const Case& c, Tensors in, const HowFft& how) {
  const std::vector<T> x = elements<T>(in[0]), w = elements<T>(in[1]);
  const std::vector<T> bias = c.bias ? elements<T>(in[2]) : std::vector<T>();
  const auto dims = static_cast<std::size_t>(c.dims);
  std::vector<Index> sizes;
  for (std::size_t axis = 0; axis < dims; ++axis) {
    const Index least = c.before[axis] + c.input[axis] + c.after[axis] + reach(c.kernel[axis], c.dilation[axis]) - 1;
    sizes.push_back(static_cast<Index>(std::bit_ceil(static_cast<std::size_t>(least))));
  }
  const Index volume_of_all = volume(sizes);

  /// Where a row-major position of a box lies among the padded planes.
  const auto place = [&](Index position, const Axes& box, const Axes& step, const Axes& first) {
    Index at = 0, weight_of_axis = 1;
    for (std::size_t axis = dims; axis-- > 0;) {
      at += (position % box[axis] * step[axis] + first[axis]) * weight_of_axis;
      position /= box[axis];
      weight_of_axis *= sizes[axis];
    }
    return static_cast<std::size_t>(at);
  };
  using Plane = std::vector<Complex<T>>;
  const auto transform = [&](Plane& plane, int sign) {
    Index inner = volume_of_all;
    for (std::size_t axis = 0; axis < dims; ++axis) {
      const Index size = sizes[axis];
      inner /= size;
      for (Index outer = 0; outer < volume_of_all; outer += inner * size) {
        for (Index start = outer; start < outer + inner; ++start) {
          Plane line;
          for (Index at = 0; at < size; ++at) line.push_back(plane[static_cast<std::size_t>(start + at * inner)]);
          fft(line, sign, how.wrong_twiddle);
          for (Index at = 0; at < size; ++at)
            plane[static_cast<std::size_t>(start + at * inner)] = line[static_cast<std::size_t>(at)];
        }
      }
    }
  };
  const auto planes = [&](const std::vector<T>& from, const Axes& box, const Axes& step, const Axes& first) {
    std::vector<Plane> all;
    const Index each = volume_of(box, c.dims);
    for (Index start = 0; start < static_cast<Index>(from.size()); start += each) {
      Plane plane(static_cast<std::size_t>(volume_of_all));
      for (Index at = 0; at < each; ++at)
        plane[place(at, box, step, first)] = from[static_cast<std::size_t>(start + at)];
      transform(plane, -1);
      all.push_back(plane);
    }
    return all;
  };
  constexpr Axes ones{1, 1, 1}, none{};
  const std::vector<Plane> inputs = planes(x, c.input, ones, c.before), weights = planes(w, c.kernel, c.dilation, none);

  std::vector<T> y;
  const Axes out = output_sizes(c);
  const Index channels = c.channels / c.groups, filters = c.out_channels / c.groups;
  const T scale = T{1} / static_cast<T>(volume_of_all);
  for (Index n = 0; n < c.batch; ++n) {
    for (Index oc = 0; oc < c.out_channels; ++oc) {
      Plane sum(static_cast<std::size_t>(volume_of_all)), total = sum;
      for (Index channel = 0; channel < channels; ++channel) {
        if (channel == how.drops) continue;
        const Plane& of_input = inputs[static_cast<std::size_t>(n * c.channels + oc / filters * channels + channel)];
        const Plane& of_weight = weights[static_cast<std::size_t>(oc * channels + channel)];
        for (std::size_t at = 0; at < sum.size(); ++at) sum[at] += product(of_input[at], std::conj(of_weight[at]));
        if (how.channel_by_channel || channel + 1 == channels) {
          transform(sum, 1);
          for (std::size_t at = 0; at < sum.size(); ++at) total[at] += scale * sum[at];
          std::fill(sum.begin(), sum.end(), Complex<T>{});
        }
      }
      if (how.drops + 1 == channels && !how.channel_by_channel) {  // the last one would have transformed the sum
        transform(sum, 1);
        for (std::size_t at = 0; at < sum.size(); ++at) total[at] += scale * sum[at];
      }
      for (Index at = 0; at < volume_of(out, c.dims); ++at) {
        const T value = total[place(at, out, c.stride, none)].real();
        y.push_back(c.bias ? value + bias[static_cast<std::size_t>(oc)] : value);
      }
    }
  }
  return y;
}

/// As a subject computes: into outputs that lie as the case says.
template <class Kernel>
std::vector<AnyTensor> outputs_by(const Case& c, Kernel&& kernel) {
  std::vector<AnyTensor> outputs = c.family->outputs(c);
  dispatch(Types<double, float>{}, c.dtype, [&]<class T>() {
    const std::vector<T> y = kernel.template operator()<T>();
    for_each_element<T>(outputs[0], [&](T& element, Index at) { element = y[static_cast<std::size_t>(at)]; });
  });
  return outputs;
}
inline std::vector<AnyTensor> by_winograd(const Case& c, Tensors in, const How& how) {
  return outputs_by(c, [&]<class T>() { return WinogradKernel<T>(c, in, how)(); });
}
inline std::vector<AnyTensor> by_fft(const Case& c, Tensors in, const HowFft& how) {
  return outputs_by(c, [&]<class T>() { return fft_kernel<T>(c, in, how); });
}

}  // namespace refloop::transforms
