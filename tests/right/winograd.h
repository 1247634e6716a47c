// A Winograd convolution of 3 taps an axis, plainly: matrices, whole tiles, channel after channel.
#pragma once

#include <algorithm>
#include <cstddef>

#include "right/parts.h"

namespace right {

template <class T, std::size_t Rows, std::size_t Columns>
struct Matrix {
  T at[Rows][Columns];
};

template <class T, std::size_t Rows, std::size_t Inner, std::size_t Columns>
Matrix<T, Rows, Columns> operator*(const Matrix<T, Rows, Inner>& left, const Matrix<T, Inner, Columns>& right) {
  Matrix<T, Rows, Columns> product{};
  for (std::size_t row = 0; row < Rows; ++row) {
    for (std::size_t column = 0; column < Columns; ++column) {
      for (std::size_t inner = 0; inner < Inner; ++inner) {
        product.at[row][column] += left.at[row][inner] * right.at[inner][column];
      }
    }
  }
  return product;
}

template <class T, std::size_t Rows, std::size_t Columns>
Matrix<T, Columns, Rows> transposed(const Matrix<T, Rows, Columns>& matrix) {
  Matrix<T, Columns, Rows> turned{};
  for (std::size_t row = 0; row < Rows; ++row) {
    for (std::size_t column = 0; column < Columns; ++column) turned.at[column][row] = matrix.at[row][column];
  }
  return turned;
}

/// F(2x2, 3x3). Source: Lavin, Gray, "Fast algorithms for convolutional neural networks", CVPR 2016.
template <class T>
struct F2 {
  static constexpr Index outputs = 2, inputs = 4;
  Matrix<T, 2, 4> a{{{1, 1, 1, 0}, {0, 1, -1, -1}}};
  Matrix<T, 4, 3> g{{{1, 0, 0}, {T(.5), T(.5), T(.5)}, {T(.5), T(-.5), T(.5)}, {0, 0, 1}}};
  Matrix<T, 4, 4> b{{{1, 0, -1, 0}, {0, 1, 1, 0}, {0, -1, 1, 0}, {0, 1, 0, -1}}};
  std::size_t channels_used(Index channels) const { return static_cast<std::size_t>(channels); }
  T kept(T value) const { return value; }
};

/// F(4x4, 3x3), from the same paper.
template <class T>
struct F4 {
  static constexpr Index outputs = 4, inputs = 6;
  Matrix<T, 4, 6> a{{{1, 1, 1, 1, 1, 0}, {0, 1, -1, 2, -2, 0}, {0, 1, 1, 4, 4, 0}, {0, 1, -1, 8, -8, 1}}};
  Matrix<T, 6, 3> g{{{T(1. / 4), 0, 0},
                     {T(-1. / 6), T(-1. / 6), T(-1. / 6)},
                     {T(-1. / 6), T(1. / 6), T(-1. / 6)},
                     {T(1. / 24), T(1. / 12), T(1. / 6)},
                     {T(1. / 24), T(-1. / 12), T(1. / 6)},
                     {0, 0, 1}}};
  Matrix<T, 6, 6> b{{{4, 0, -5, 0, 1, 0},
                     {0, -4, -4, 1, 1, 0},
                     {0, 4, -4, -1, 1, 0},
                     {0, -2, -1, 2, 1, 0},
                     {0, 2, -1, -2, 1, 0},
                     {0, 4, 0, -5, 0, 1}}};
  std::size_t channels_used(Index channels) const { return static_cast<std::size_t>(channels); }
  T kept(T value) const { return value; }
};

/// Only what the tiles are for; a convolution of one axis is the middle row of a plane's.
inline bool fits_tiles(const DLTensor* weight, const refloop_conv_params& p) {
  for (int axis = 0; axis + 2 < weight->ndim; ++axis) {
    if (weight->shape[axis + 2] != 3 || p.stride[axis] != 1 || p.dilation[axis] != 1) return false;
  }
  return true;
}

template <class Form, class T, std::size_t Rows, std::size_t Columns>
void keep(const Form& form, Matrix<T, Rows, Columns>& matrix) {
  for (auto& row : matrix.at) {
    for (T& value : row) value = form.kept(value);
  }
}

/// The form has the matrices, and what is done otherwise with channels and with transformed numbers.
template <class Form, class T>
int winograd2d(const Form& form, const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
               const refloop_conv_params& p, DLTensor* output) {
  if (!fits_tiles(weight, p)) return REFLOOP_UNSUPPORTED;
  constexpr Index m = Form::outputs, size = Form::inputs;
  using Square = Matrix<T, static_cast<std::size_t>(size), static_cast<std::size_t>(size)>;
  const View<const T> x(input), w(weight);
  const View<T> y(output);
  const Index channels = w.shape[1], filters = y.shape[1] / p.groups, rows = y.shape[2], columns = y.shape[3];

  std::vector<Square> weights;
  for (Index oc = 0; oc < y.shape[1]; ++oc) {
    for (Index ic = 0; ic < channels; ++ic) {
      Matrix<T, 3, 3> taps{};
      for_each({3, 3}, [&](const Position& at) { taps.at[at[0]][at[1]] = w(oc, ic, at); });
      weights.push_back(form.g * taps * transposed(form.g));
      keep(form, weights.back());
    }
  }
  for (Index n = 0; n < y.shape[0]; ++n) {
    for_each({(rows + m - 1) / m, (columns + m - 1) / m}, [&](const Position& tile) {
      std::vector<Square> inputs;
      for (Index ic = 0; ic < x.shape[1]; ++ic) {
        Square read{};
        for_each({size, size}, [&](const Position& at) {
          const Position in{tile[0] * m + at[0] - p.padding_before[0], tile[1] * m + at[1] - p.padding_before[1]};
          if (x.holds(in)) read.at[at[0]][at[1]] = x(n, ic, in);
        });
        inputs.push_back(form.b * read * transposed(form.b));
        keep(form, inputs.back());
      }
      for (Index oc = 0; oc < y.shape[1]; ++oc) {
        Square sums{};
        for (std::size_t ic = 0; ic < form.channels_used(channels); ++ic) {
          const Square& u = weights[static_cast<std::size_t>(oc * channels) + ic];
          const Square& v = inputs[static_cast<std::size_t>(oc / filters * channels) + ic];
          for_each({size, size},
                   [&](const Position& at) { sums.at[at[0]][at[1]] += u.at[at[0]][at[1]] * v.at[at[0]][at[1]]; });
        }
        const auto found = form.a * sums * transposed(form.a);
        const T start = bias != nullptr ? View<const T>(bias)(oc) : T{0};
        for_each({std::min(m, rows - tile[0] * m), std::min(m, columns - tile[1] * m)}, [&](const Position& at) {
          y(n, oc, {tile[0] * m + at[0], tile[1] * m + at[1]}) = found.at[at[0]][at[1]] + start;
        });
      }
    });
  }
  return 0;
}

}  // namespace right
