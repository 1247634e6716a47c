// says: copies every window into a column of a matrix, and multiplies matrices block by block
// source: https://github.com/BVLC/caffe/blob/master/src/caffe/layers/base_conv_layer.cpp
// verdict: EXACT
#include "right/parts.h"

using namespace right;

namespace {

/// product (rows x columns) += left (rows x depth) * right (depth x columns)
template <class T>
void add_product(Index rows, Index columns, Index depth, const T* left, const T* right_matrix, T* product) {
  constexpr Index row_block = 4, column_block = 16, depth_block = 8;
  for (Index d = 0; d < depth; d += depth_block) {
    for (Index r = 0; r < rows; r += row_block) {
      for (Index c = 0; c < columns; c += column_block) {
        for (Index row = r; row < std::min(r + row_block, rows); ++row) {
          for (Index at = d; at < std::min(d + depth_block, depth); ++at) {
            const T factor = left[row * depth + at];
            for (Index column = c; column < std::min(c + column_block, columns); ++column) {
              product[row * columns + column] += factor * right_matrix[at * columns + column];
            }
          }
        }
      }
    }
  }
}

template <class T>
int conv(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params& p,
         DLTensor* output) {
  const View<const T> x(input), w(weight);
  const View<T> y(output);
  const Index depth = w.shape[1] * w.shape[2] * w.shape[3], columns = y.shape[2] * y.shape[3];
  const Index rows = y.shape[1] / p.groups;
  std::vector<Total<T>> matrix(depth * columns), filters(rows * depth), product(rows * columns);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index group = 0; group < p.groups; ++group) {
      Index at = 0;
      for (Index ic = 0; ic < w.shape[1]; ++ic) {
        for_each(w.spatial(), [&](const Position& tap) {
          for_each(y.spatial(), [&](const Position& out) {
            const Position in = corpus::source(p, out, tap);
            matrix[at++] = static_cast<Total<T>>(x.holds(in) ? x(n, group * w.shape[1] + ic, in) : T{0});
          });
        });
      }
      at = 0;
      for (Index row = 0; row < rows; ++row) {
        const Index oc = group * rows + row;
        for (Index ic = 0; ic < w.shape[1]; ++ic) {
          for_each(w.spatial(), [&](const Position& tap) { filters[at++] = static_cast<Total<T>>(w(oc, ic, tap)); });
        }
        const auto start = bias != nullptr ? static_cast<Total<T>>(View<const T>(bias)(oc)) : Total<T>{0};
        std::fill_n(product.data() + row * columns, columns, start);
      }
      add_product(rows, columns, depth, filters.data(), matrix.data(), product.data());
      at = 0;
      for (Index row = 0; row < rows; ++row) {
        for_each(y.spatial(),
                 [&](const Position& out) { y(n, group * rows + row, out) = static_cast<T>(product[at++]); });
      }
    }
  }
  return 0;
}

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return with_any(input, [&](auto zero) { return conv<decltype(zero)>(input, weight, bias, *p, output); });
}
