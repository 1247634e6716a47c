// The bound of Winograd convolutions; its derivation stands in families/conv_transforms.h.
#include <algorithm>
#include <array>
#include <cmath>

#include "check/bound.h"
#include "check/tensors.h"
#include "families/case_tools.h"
#include "families/conv_transforms.h"
#include "families/transform_tools.h"

namespace refloop {
namespace {

constexpr Index taps = 3;

/// g(k), infinite where it says nothing.
double growth(double roundings, double unit) {
  const double product = roundings * unit;
  return product < 1 ? product / (1 - product) : unknown_radius;
}

constexpr Index most_inputs = 8;  // of a tile on one axis
using Tile = std::array<double, most_inputs * most_inputs>;

struct Matrix {
  Index rows, columns;
  Tile elements{};

  double& operator()(Index row, Index column) { return elements[static_cast<std::size_t>(row * columns + column)]; }
  double operator()(Index row, Index column) const {
    return elements[static_cast<std::size_t>(row * columns + column)];
  }
};

Tile absolute(Tile tile) {
  for (double& number : tile) number = std::abs(number);
  return tile;
}
Matrix absolute(Matrix matrix) {
  matrix.elements = absolute(matrix.elements);
  return matrix;
}

/// How many numbers of a row are not zero at most.
double fullest_row(const Matrix& matrix) {
  Index most = 0;
  for (Index row = 0; row < matrix.rows; ++row) {
    Index count = 0;
    for (Index column = 0; column < matrix.columns; ++column) count += matrix(row, column) != 0 ? 1 : 0;
    most = std::max(most, count);
  }
  return static_cast<double>(most);
}

double largest_row_sum(const Matrix& matrix) {
  double most = 0;
  for (Index row = 0; row < matrix.rows; ++row) {
    double sum = 0;
    for (Index column = 0; column < matrix.columns; ++column) sum += std::abs(matrix(row, column));
    most = std::max(most, sum);
  }
  return most;
}

/// The matrix times the data along the last axis, or along both: M x, or M x M^T.
Tile along_axes(const Matrix& matrix, const Tile& data, int dims) {
  const Index lines = dims == 1 ? 1 : matrix.columns;
  Matrix half{lines, matrix.rows};
  for (Index line = 0; line < lines; ++line) {
    for (Index row = 0; row < matrix.rows; ++row) {
      for (Index column = 0; column < matrix.columns; ++column) {
        half(line, row) += matrix(row, column) * data[static_cast<std::size_t>(line * matrix.columns + column)];
      }
    }
  }
  if (dims == 1) return half.elements;
  Matrix whole{matrix.rows, matrix.rows};
  for (Index row = 0; row < matrix.rows; ++row) {
    for (Index line = 0; line < lines; ++line) {
      for (Index column = 0; column < matrix.rows; ++column) {
        whole(row, column) += matrix(row, line) * half(line, column);
      }
    }
  }
  return whole.elements;
}

struct CookToom {
  Matrix a, g, b;  // A^T, G, B^T
};

/// At points p: A^T_ij = p_j^i, G_ji = p_j^i / f_j with f_j the product of p_j - p_k over k != j, and in row j of B^T
/// the coefficients of the product of x - p_k over k != j. The last row or column is that of infinity.
CookToom cook_toom(const Tiles& tiles) {
  const auto finite = static_cast<Index>(tiles.points.size()), inputs = finite + 1;
  CookToom matrices{{tiles.outputs, inputs}, {inputs, taps}, {inputs, inputs}};
  for (Index at = 0; at <= finite; ++at) {  // where `at` is infinity, none is left out
    double others = 1;
    matrices.b(at, 0) = 1;
    for (Index other = 0; other < finite; ++other) {
      if (other == at) continue;
      const double point = tiles.points[static_cast<std::size_t>(other)];
      if (at < finite) others *= tiles.points[static_cast<std::size_t>(at)] - point;
      for (Index power = inputs - 1; power >= 0; --power) {
        const double lower = power > 0 ? matrices.b(at, power - 1) : 0;
        matrices.b(at, power) = lower - point * matrices.b(at, power);
      }
    }
    if (at == finite) break;
    double power = 1;
    for (Index row = 0; row < std::max(tiles.outputs, taps); ++row) {
      if (row < tiles.outputs) matrices.a(row, at) = power;
      if (row < taps) matrices.g(at, row) = power / others;
      power *= tiles.points[static_cast<std::size_t>(at)];
    }
  }
  matrices.a(tiles.outputs - 1, finite) = 1;
  matrices.g(finite, taps - 1) = 1;
  return matrices;
}

/// Transformed tiles of one kind, one behind the other: the largest that an element may be, and how far off.
struct Transformed {
  std::vector<double> size, off;
};

class Transform {
 public:
  Transform(const Matrix& matrix, int dims, double roundings, const Arithmetic& sums, double loss)
      : matrix_(matrix), absolute_(absolute(matrix)), dims_(dims), limit_(sums.large * 0x1p-12) {
    const double inputs = 1 + sums.unit_of_inputs;  // rounded before the transform, or what it gives: both are covered
    const double factor = growth(dims * roundings, sums.unit);
    growth_ = factor + (1 + factor) * (inputs * inputs - 1);
    loss_ = loss * fullest_row(matrix) * (1 + largest_row_sum(matrix));
    cells_ = dims == 1 ? matrix.rows : matrix.rows * matrix.rows;
  }

  void append(const Tile& tile, Transformed& to) const {
    const Tile exact = along_axes(matrix_, tile, dims_), magnitude = along_axes(absolute_, absolute(tile), dims_);
    for (std::size_t cell = 0; cell < static_cast<std::size_t>(cells_); ++cell) {
      const bool may_overflow = !(magnitude[cell] < limit_);  // or is no number
      const double off = magnitude[cell] == 0 ? 0 : growth_ * magnitude[cell] + loss_;
      // The doubles here round too, in the coefficients and in sums: by less than 3 dU.
      to.size.push_back(may_overflow ? unknown_radius : std::abs(exact[cell]) + 4 * off);
      to.off.push_back(may_overflow ? unknown_radius : off);
    }
  }
  Index cells() const { return cells_; }

 private:
  Matrix matrix_, absolute_;
  int dims_;
  double growth_, loss_, limit_;
  Index cells_;
};

/// Planes and tiles of a case; one axis is a row.
struct Grid {
  Index height, width, top, left;     // of the input, and its padding before
  Index out_height, out_width;        // of the output
  Index tile_height, tile_width;      // outputs of a tile
  Index inputs_height, inputs_width;  // inputs of a tile

  Grid(const Case& c, Index outputs) {
    const Axes out = output_sizes(c);
    const auto last = static_cast<std::size_t>(c.dims - 1);
    const bool is_plane = c.dims == 2;
    height = is_plane ? c.input[0] : 1, width = c.input[last];
    top = is_plane ? c.before[0] : 0, left = c.before[last];
    out_height = is_plane ? out[0] : 1, out_width = out[last];
    tile_height = is_plane ? outputs : 1, tile_width = outputs;
    inputs_height = is_plane ? outputs + taps - 1 : 1, inputs_width = outputs + taps - 1;
  }
  Index columns() const { return (out_width + tile_width - 1) / tile_width; }
  Index tiles() const { return (out_height + tile_height - 1) / tile_height * columns(); }

  /// What a tile reads of a plane.
  Tile inputs(const double* plane, Index tile) const {
    Tile read{};
    const Index first_row = tile / columns() * tile_height - top, first = tile % columns() * tile_width - left;
    for (Index row = std::max<Index>(0, -first_row); row < std::min(inputs_height, height - first_row); ++row) {
      for (Index column = std::max<Index>(0, -first); column < std::min(inputs_width, width - first); ++column) {
        read[static_cast<std::size_t>(row * inputs_width + column)] = plane[(first_row + row) * width + first + column];
      }
    }
    return read;
  }

  Index outputs() const { return out_height * out_width; }
  /// Calls `see(place in the tile, place in the plane)` for the outputs of a tile, those beyond the plane left out.
  template <class See>
  void each_output(Index tile, See&& see) const {
    const Index first_row = tile / columns() * tile_height, first = tile % columns() * tile_width;
    for (Index row = 0; row < std::min(tile_height, out_height - first_row); ++row) {
      for (Index column = 0; column < std::min(tile_width, out_width - first); ++column) {
        see(static_cast<std::size_t>(row * tile_width + column), (first_row + row) * out_width + first + column);
      }
    }
  }
};

/// A filter, transformed: |U| + dU and, in place of dU, dU + g(k) (|U| + dU), for then R is two products a channel.
struct Filter {
  Transformed channels;
  double growth, bias;  // g(k), and the part of the bias
};

/// A case by way of tiles.
class Winograd {
 public:
  Winograd(const CookToom& matrices, const Tiles& tiles, const Case& c, const Declared& declared, Tensors in)
      : grid(c, tiles.outputs),
        case_(c),
        sums_(arithmetic_of(c, declared)),
        // What an operation may lose beside rounding. Libraries scale rows by less than 2^10 against the ones here.
        loss_((declared.flushes_subnormals ? 2 * sums_.normal : sums_.tiny) * 0x1p10),
        of_weights_(matrices.g, c.dims, fullest_row(matrices.g) + tiles.coefficient_roundings, sums_, loss_),
        of_inputs_(matrices.b, c.dims, fullest_row(matrices.b) + tiles.coefficient_roundings, sums_, loss_),
        back_(absolute(matrices.a)),
        back_roundings_(c.dims * (fullest_row(back_) + tiles.coefficient_roundings)),
        input_(elements_of(in[0])),
        weight_(elements_of(in[1])),
        bias_(c.bias ? elements_of(in[2]) : std::vector<double>(static_cast<std::size_t>(c.out_channels))) {}

  Filter filter(Index oc) const {
    const Index volume = volume_of(case_.kernel, case_.dims);
    Filter filter{};
    double kept = 0;
    for (Index channel = 0; channel < channels_; ++channel) {
      const double* const from = weight_.data() + (oc * channels_ + channel) * volume;
      Tile tile{};
      std::copy_n(from, volume, tile.begin());
      of_weights_.append(tile, filter.channels);
      kept += std::any_of(from, from + volume, [](double value) { return value != 0; }) ? 1 : 0;
    }
    filter.growth = growth(kept + back_roundings_ + (case_.bias ? 2 : 1), sums_.unit);
    filter.bias = growth(back_roundings_ + 1, sums_.unit) * std::abs(bias_[static_cast<std::size_t>(oc)]);
    for (std::size_t at = 0; at < filter.channels.off.size(); ++at) {
      filter.channels.off[at] += filter.growth * filter.channels.size[at];
    }
    return filter;
  }

  /// What a group reads of an image: tile by tile, in each channel by channel.
  Transformed inputs(Index n, Index group) const {
    const Index plane = volume_of(case_.input, case_.dims), first = n * case_.channels + group * channels_;
    Transformed all;
    for (Index tile = 0; tile < grid.tiles(); ++tile) {
      for (Index channel = first; channel < first + channels_; ++channel) {
        of_inputs_.append(grid.inputs(input_.data() + channel * plane, tile), all);
      }
    }
    return all;
  }

  /// The radii of a tile's outputs; not a number, or infinite: unknown_radius.
  Tile radii(const Filter& filter, const Transformed& inputs, Index tile) const {
    const auto cells = static_cast<std::size_t>(of_inputs_.cells());
    const std::size_t all = static_cast<std::size_t>(channels_) * cells, first = static_cast<std::size_t>(tile) * all;
    Tile errors{};
    for (std::size_t at = 0; at < all; at += cells) {
      for (std::size_t cell = 0; cell < cells; ++cell) {
        errors[cell] += filter.channels.size[at + cell] * inputs.off[first + at + cell] +
                        filter.channels.off[at + cell] * inputs.size[first + at + cell];
      }
    }
    for (std::size_t cell = 0; cell < cells; ++cell) errors[cell] += 2 * static_cast<double>(channels_) * loss_;

    Tile found = along_axes(back_, errors, case_.dims);
    const double back_loss = loss_ * fullest_row(back_) * (1 + largest_row_sum(back_));
    for (double& radius : found) {
      const bool may_overflow = !(radius < filter.growth * sums_.large * 0x1p-12);
      radius = may_overflow ? unknown_radius : radius + back_loss + filter.bias;
    }
    return found;
  }

  const Grid grid;

 private:
  const Case& case_;
  const Arithmetic sums_;
  double loss_;
  Transform of_weights_, of_inputs_;
  Matrix back_;
  double back_roundings_;
  std::vector<double> input_, weight_, bias_;
  Index channels_ = case_.channels / case_.groups;
};

}  // namespace

bool fits_tiles(const Case& c) {
  const auto all = [&](const Axes& axes, Index value) {
    const auto used = first_axes(axes, c.dims);
    return std::all_of(used.begin(), used.end(), [&](Index number) { return number == value; });
  };
  const bool is_plane = c.dims == 1 || c.dims == 2;
  return !is_integer_type(c.dtype) && is_plane && all(c.kernel, taps) && all(c.stride, 1) && all(c.dilation, 1);
}

std::vector<double> radii_of_tiles(const Tiles& tiles, const Case& c, const Declared& declared, Tensors in) {
  const Winograd winograd(cook_toom(tiles), tiles, c, declared, in);
  const Grid& grid = winograd.grid;
  const Index filters = c.out_channels / c.groups;
  std::vector<double> radii(static_cast<std::size_t>(c.batch * c.out_channels * grid.outputs()));
  for (Index n = 0; n < c.batch; ++n) {
    for (Index group = 0; group < c.groups; ++group) {
      const Transformed inputs = winograd.inputs(n, group);
      for (Index oc = group * filters; oc < (group + 1) * filters; ++oc) {
        const Filter filter = winograd.filter(oc);
        double* const plane = radii.data() + (n * c.out_channels + oc) * grid.outputs();
        for (Index tile = 0; tile < grid.tiles(); ++tile) {
          const Tile found = winograd.radii(filter, inputs, tile);
          grid.each_output(tile, [&](std::size_t in_tile, Index in_plane) { plane[in_plane] = found[in_tile]; });
        }
      }
    }
  }
  return radii;
}

Margins margins_of_tiles(const Tiles& tiles, const Case& c, const Declared& declared, Tensors in) {
  return raised_margins(c, declared, in, radii_of_tiles(tiles, c, declared, in));
}

std::vector<AnyTensor> telling_of_tiles(const Case& c) {
  return telling_numbers(c, 4, 3);
}

}  // namespace refloop
