#include "families/conv_transforms.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "check/bound.h"
#include "check/data.h"
#include "check/tensors.h"
#include "families/case_tools.h"

namespace refloop {
namespace {

constexpr double unknown = std::numeric_limits<double>::infinity();
constexpr Index taps = 3;

bool is_float(const Case& c) {
  return c.dtype == DType::f32 || c.dtype == DType::f64;
}

/// g(k), infinite where it says nothing.
double growth(double roundings, double unit) {
  const double product = roundings * unit;
  return product < 1 ? product / (1 - product) : unknown;
}

/// All elements in row-major order.
std::vector<double> numbers_of(const AnyTensor& tensor) {
  std::vector<double> numbers;
  numbers.reserve(static_cast<std::size_t>(tensor.size()));
  dispatch(Types<double, float>{}, tensor.dtype, [&]<class T>() {
    const T* const elements = static_cast<const T*>(tensor.data);
    for_each_offset(tensor, [&](Index offset) { numbers.push_back(static_cast<double>(elements[offset])); });
  });
  return numbers;
}

// ---- Winograd ----

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
      to.size.push_back(may_overflow ? unknown : std::abs(exact[cell]) + 4 * off);
      to.off.push_back(may_overflow ? unknown : off);
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
        input_(numbers_of(in[0])),
        weight_(numbers_of(in[1])),
        bias_(c.bias ? numbers_of(in[2]) : std::vector<double>(static_cast<std::size_t>(c.out_channels))) {}

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

  /// The radii of a tile's outputs; not a number, or infinite: unknown.
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
      radius = may_overflow ? unknown : radius + back_loss + filter.bias;
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

// ---- FFT ----

/// |plane|_2 without overflow or underflow.
double norm(std::span<const double> plane) {
  double largest = 0;
  for (const double number : plane) {
    if (!std::isfinite(number)) return unknown;
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

// ---- both ----

/// By one algorithm, and by whatever else is declared: which of them computes a case is not.
Margins margins_of(std::string_view algorithm, const Case& c, const Declared& declared, Tensors in) {
  Margins margins = margins_of_sums(c, declared, in);
  const Arithmetic sums = arithmetic_of(c, declared), elements = arithmetic_of(c.dtype);
  const auto raise = [&](const std::vector<double>& radii) {
    for (std::size_t at = 0; at < radii.size(); ++at) {
      Margin& margin = margins[0][at];
      double radius = radii[at];
      if (sums.name != elements.name) radius += elements.unit * (std::abs(margin.exact) + radius) + elements.tiny / 2;
      radius *= 1 + 1e-9;  // for how the radius itself rounds
      if (!(radius < unknown)) radius = unknown;
      margin.radius = std::max(margin.radius, radius);
    }
  };
  const auto is_taken = [&](std::string_view name) {
    const auto& names = declared.algorithms;
    return name == algorithm || std::find(names.begin(), names.end(), name) != names.end();
  };
  for (const Tiles* tiles : {&tiles_2x2, &tiles_4x4, &tiles_6x6, &tiles_4x4_sqrt2}) {
    if (is_taken(tiles->algorithm) && fits_tiles(c)) raise(radii_of_tiles(*tiles, c, declared, in));
  }
  if (is_taken(fft.name)) raise(radii_of_fft(c, declared, in));
  return margins;
}

/// Whole numbers up to `most` of either sign; weights in `kept` channels, the last one among those of the first filter.
std::vector<AnyTensor> whole_numbers(const Case& c, Index kept, Index most) {
  std::vector<AnyTensor> tensors = c.family->inputs(c);
  for (AnyTensor& tensor : tensors) fill_integers(tensor, c, most);
  const Index channels = c.channels / c.groups, volume = volume_of(c.kernel, c.dims), left = std::min(kept, channels);
  const Draw draw(c.seed, "telling");
  const auto value = numbers_of(tensors[1]);
  fill(tensors[1], [&](Index position) -> Index {
    const Index filter = position / volume / channels, channel = position / volume % channels;
    const Index turn = filter == 0 ? 0 : draw.between(0, channels - 1, filter), turned = (channel + turn) % channels;
    const bool keep = (turned + 1) * left / channels != turned * left / channels;
    return keep ? static_cast<Index>(value[static_cast<std::size_t>(position)]) : 0;
  });
  return tensors;
}

}  // namespace

bool fits_tiles(const Case& c) {
  const auto all = [&](const Axes& axes, Index value) {
    const auto used = first_axes(axes, c.dims);
    return std::all_of(used.begin(), used.end(), [&](Index number) { return number == value; });
  };
  const bool is_plane = c.dims == 1 || c.dims == 2;
  return is_float(c) && is_plane && all(c.kernel, taps) && all(c.stride, 1) && all(c.dilation, 1);
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
  return margins_of(tiles.algorithm, c, declared, in);
}

std::vector<AnyTensor> telling_of_tiles(const Case& c) {
  return whole_numbers(c, 4, 3);
}

bool fits_fft(const Case& c) {
  return is_float(c);
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
  const std::vector<double> input = norms(numbers_of(in[0]), volume_of(c.input, c.dims));
  const std::vector<double> weight = norms(numbers_of(in[1]), volume_of(c.kernel, c.dims));
  const std::vector<double> bias =
      c.bias ? numbers_of(in[2]) : std::vector<double>(static_cast<std::size_t>(c.out_channels));
  std::vector<double> radii;
  for (Index n = 0; n < c.batch; ++n) {
    for (Index oc = 0; oc < c.out_channels; ++oc) {
      double products = 0, largest = 0;
      Index kept = 0;
      for (Index channel = 0; channel < channels; ++channel) {
        const double x = input[static_cast<std::size_t>(n * c.channels + oc / filters * channels + channel)];
        const double w = weight[static_cast<std::size_t>(oc * channels + channel)];
        largest = std::max({largest, x, w});
        if (w == 0 && x < unknown) continue;
        ++kept;
        products += x == 0 ? 0 : (x + least) * (w + least);
      }
      const double steps = 3 * levels + static_cast<double>(kept) + 12;
      const bool may_overflow = !(size * products < sums.large / 4 && size * largest < sums.large / 4);
      const bool says_nothing = steps * sums.unit >= 0.01;
      const double rounding = 1.01 * sums.unit * steps + inputs;
      const double loss = 4 * (steps + 1) * (declared.flushes_subnormals ? sums.normal : sums.tiny);
      double radius = may_overflow || says_nothing ? unknown : rounding * products + loss;
      const double start = std::abs(bias[static_cast<std::size_t>(oc)]);
      if (c.bias) radius += sums.unit * (products + 2 * start + radius);
      radii.insert(radii.end(), static_cast<std::size_t>(outputs), radius < unknown ? radius : unknown);
    }
  }
  return radii;
}

Margins margins_of_fft(const Case& c, const Declared& declared, Tensors in) {
  return margins_of(fft.name, c, declared, in);
}

std::vector<AnyTensor> telling_of_fft(const Case& c) {
  return whole_numbers(c, 2, 2);
}

}  // namespace refloop
