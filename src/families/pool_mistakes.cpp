#include <limits>

#include "families/orders.h"
#include "families/pool.h"
#include "families/views.h"
#include "families/window_mistakes.h"

namespace refloop {
namespace {

using Inputs = std::vector<AnyTensor>;

// ---- of every pool ----

void kernel_of_first_axis(Case& c, Inputs&) {
  c.kernel.fill(c.kernel[0]);
}

/// Zeros around the input that take part like any value.
void zeros_take_part(const Case& c, const Way& right, Tensors in, Outputs out) {
  const Inputs padded{padded_input(
      c, in[0], []<class T, std::size_t Rank>(const TensorView<const T, Rank>& from, const Extents<Rank>& at) {
        return inside(at, from.extents) ? from(at) : T{0};
      })};
  Case unpadded = c;
  unpadded.before = unpadded.after = {};
  right(unpadded, padded, out);
}

/// Only the windows that fit wholly are computed; what ceil_mode adds stays zero.
void ceil_mode_ignored(const Case& c, const Way& right, Tensors in, Outputs out) {
  right(c, in, out);
  Case floored = c;
  floored.ceil = false;
  const Axes computed = output_sizes(floored);
  dispatch(c.dtype, c.dims, [&]<class T, std::size_t Rank>() {
    const auto output = out[0].view<T, Rank>();
    for (Index n = 0; n < c.batch; ++n) {
      for (Index channel = 0; channel < c.channels; ++channel) {
        for (const auto& at : positions(output.spatial())) {
          if (!inside(at, first_axes<Rank - 2>(computed))) output(n, channel, at) = T{0};
        }
      }
    }
  });
}

// ---- of max and min pooling ----

/// The search starts at 0.
template <class Extreme>
struct FromZero : Extreme {
  template <class T>
  static constexpr T start() {
    return T{0};
  }
};

/// The search starts at FLT_MIN and the like.
struct FromSmallestPositive : Larger {
  template <class T>
  static constexpr T start() {
    return std::numeric_limits<T>::is_integer ? T{0} : std::numeric_limits<T>::min();
  }
};

/// A later equal value wins.
template <class Extreme>
struct OrEqual : Extreme {
  template <class T>
  static constexpr bool beats(T value, T best) {
    return Extreme::beats(value, best) || value == best;
  }
};

template <class Extreme>
void keeps(const Case& c, const Way&, Tensors in, Outputs out) {
  run_extreme<Extreme>(c, in, out);
}

template <class Extreme>
void nan_ignored(const Case& c, const Way& right, Tensors in, Outputs out) {
  right(
      c,
      Inputs{changed(c, in[0], []<class T>(T value) { return value != value ? Extreme::template start<T>() : value; })},
      out);
}

/// The right values, with indices that mean something else: `rename(out, in, window, input)`.
template <class Rename>
void rename_indices(const Case& c, const Way& right, Tensors in, Outputs out, Rename&& rename) {
  right(c, in, out);
  if (!c.indices) return;
  dispatch(c.dtype, c.dims, [&]<class T, std::size_t Rank>() {
    const auto indices = out[1].view<Index, Rank>();
    const auto window = window_of<Rank - 2>(c);
    const auto input = first_axes<Rank - 2>(c.input);
    for (Index n = 0; n < c.batch; ++n) {
      for (Index channel = 0; channel < c.channels; ++channel) {
        for (const auto& at : positions(indices.spatial())) {
          Index flat = indices(n, channel, at);
          Extents<Rank - 2> from{};
          for (std::size_t axis = Rank - 2; axis-- > 0; flat /= input[axis]) from[axis] = flat % input[axis];
          indices(n, channel, at) = rename(at, from, window, input);
        }
      }
    }
  });
}

void index_within_window(const Case& c, const Way& right, Tensors in, Outputs out) {
  rename_indices(c, right, in, out,
                 []<std::size_t Dims>(const Extents<Dims>& at, Extents<Dims> from, const Window<Dims>& window,
                                      const Extents<Dims>&) {
                   const auto corner = window.input_position(at, {});
                   for (std::size_t axis = 0; axis < Dims; ++axis)
                     from[axis] = (from[axis] - corner[axis]) / window.dilation[axis];
                   return flat_position(from, window.kernel);
                 });
}

void index_in_padded_plane(const Case& c, const Way& right, Tensors in, Outputs out) {
  rename_indices(
      c, right, in, out,
      []<std::size_t Dims>(const Extents<Dims>&, Extents<Dims> from, const Window<Dims>& window, Extents<Dims> plane) {
        for (std::size_t axis = 0; axis < Dims; ++axis) {
          from[axis] += window.padding_before[axis];
          plane[axis] += window.padding_before[axis] + window.padding_after[axis];
        }
        return flat_position(from, plane);
      });
}

/// min(x) as -max(-x), which an unsigned type and the lowest integer of any other do not survive.
void by_negation(const Case& c, const Way&, Tensors in, Outputs out) {
  const auto negated = []<class T>(T value) {
    if constexpr (is_integer<T>) return static_cast<T>(0 - static_cast<std::uint64_t>(value));
    return static_cast<T>(-value);
  };
  family::max_pool.orders[0](c, Inputs{changed(c, in[0], negated)}, out);
  dispatch(c.dtype, c.dims, [&]<class T, std::size_t Rank>() {
    const auto output = out[0].view<T, Rank>();
    for (const auto& at : positions(output.extents)) output(at) = negated(output(at));
  });
}

// ---- of average pooling ----

void count_include_pad_inverted(Case& c, Inputs&) {
  c.exclude_pad = !c.exclude_pad;
}
void divisor_override_ignored(Case& c, Inputs&) {
  c.divisor.reset();
}

void always_divides_by_kernel(Case& c, Inputs&) {
  if (!c.divisor) c.divisor = volume_of(c.kernel, c.dims);
}

/// The sum times 1 / divisor.
struct TimesReciprocal {
  template <class Total>
  static Total of(Total sum, Index divisor) {
    if constexpr (is_integer<Total>) return Quotient::of(sum, divisor);
    return sum * (Total{1} / static_cast<Total>(divisor));
  }
};

/// Integers to the nearest, halves away from zero.
struct ToNearest {
  template <class Total>
  static Total of(Total sum, Index divisor) {
    if constexpr (is_integer<Total>) sum += sum < 0 ? -divisor / 2 : divisor / 2;
    return Quotient::of(sum, divisor);
  }
};

/// Divided otherwise, and the sign of what vanishes kept where the right loops keep it.
template <class Division>
void divides_by(const Case& c, const Way& right, Tensors in, Outputs out) {
  const auto run = &right == contiguous_order(c) ? run_average<WithoutMinusZero<Division>> : run_average<Division>;
  run(c, in, out);
}

/// Padding after the input is not counted, as if the plane ended there.
void end_padding_not_counted(Case& c, Inputs&) {
  c.after = {};
}

// ---- of every pool: more windows than there are ----

/// Computes so many windows more on each axis, whatever the sizes say.
template <class More>
void with_more_windows(const Case& c, const Way& right, Tensors in, Outputs out, More&& more) {
  for (AnyTensor& tensor : out) {
    std::vector<Index> shape = tensor.shape;
    for (std::size_t axis = 0; axis < static_cast<std::size_t>(c.dims); ++axis) shape[axis + 2] += more(axis);
    if (shape != tensor.shape) tensor = make_tensor(tensor.name, tensor.dtype, shape, c.y);
  }
  right(c, in, out);
}

/// With ceil_mode a window that would start in the padding after the input is kept.
void window_in_the_padding_kept(const Case& c, const Way& right, Tensors in, Outputs out) {
  with_more_windows(c, right, in, out, [&](std::size_t axis) -> Index {
    if (!c.ceil) return 0;
    const Index room = c.input[axis] + c.before[axis] + c.after[axis] - reach(c.kernel[axis], c.dilation[axis]);
    const Index windows = (room + c.stride[axis] - 1) / c.stride[axis] + 1;
    return windows - output_sizes(c)[axis];
  });
}

/// ceil_mode adds a window though the division leaves no rest.
void window_added_where_division_is_exact(const Case& c, const Way& right, Tensors in, Outputs out) {
  with_more_windows(c, right, in, out, [&](std::size_t axis) -> Index {
    const Index room = c.input[axis] + c.before[axis] + c.after[axis] - reach(c.kernel[axis], c.dilation[axis]);
    return c.ceil && room % c.stride[axis] == 0 ? 1 : 0;
  });
}

constexpr Way of_max[] = {
    {"zero_padding", "padding is a zero that may win over negative values", "tenstorrent/tt-metal#28804",
     zeros_take_part},
    {"starts_at_zero", "the search starts at 0, so no output is negative", "tensorflow/tfjs#4854",
     keeps<FromZero<Larger>>},
    {"starts_at_smallest_positive", "the search starts at FLT_MIN, which is positive", "uxlfoundation/oneDNN#1677",
     keeps<FromSmallestPositive>},
    {"nan_ignored", "NaN never wins, as every comparison with it is false", "pytorch/pytorch#7645",
     nan_ignored<Larger>},
    {"last_of_equals_wins", "the index is that of the last maximum", "PaddlePaddle/Paddle#78693",
     keeps<OrEqual<Larger>>},
    {"index_within_window", "the index counts the taps of the window, not the plane", "uxlfoundation/oneDNN#259",
     index_within_window},
    {"index_in_padded_plane", "the index counts the padding too", "tensorflow/tensorflow#2169", index_in_padded_plane},
    {"ceil_mode_ignored", "windows that hang over the end are not computed", "root-project/root#21776",
     ceil_mode_ignored},
    {"dilation_ignored", "taps lie side by side whatever the dilation", "sonos/tract#2847", nullptr, dilation_ignored},
    {"stride_of_first_axis", "every axis takes the first axis' stride", "PaddlePaddle/Paddle#20997", nullptr,
     stride_of_first_axis},
    {"padding_of_first_axis", "every axis takes the first axis' padding", "apache/tvm#9788", nullptr,
     padding_of_first_axis},
    {"window_in_the_padding_kept", "ceil_mode keeps a window that starts in the padding", "onnx/onnx#4958",
     window_in_the_padding_kept},
    {"window_added_where_division_is_exact", "ceil_mode adds a window though the division is exact",
     "pytorch/pytorch#154882", window_added_where_division_is_exact},
};

constexpr Way of_min[] = {
    {"zero_padding", "padding is a zero that may win over positive values", "imeka/ndarray-ndimage#15",
     zeros_take_part},
    {"starts_at_zero", "the search starts at 0, so no output is positive", "tinygrad/tinygrad#9244",
     keeps<FromZero<Smaller>>},
    {"by_negation", "-max(-x), on unsigned types and the lowest integer too", "apple/coreai-torch#43", by_negation},
    {"nan_ignored", "NaN never wins, as every comparison with it is false", "tracel-ai/burn#5662",
     nan_ignored<Smaller>},
    {"last_of_equals_wins", "the index is that of the last minimum", "PaddlePaddle/Paddle#78693",
     keeps<OrEqual<Smaller>>},
    {"dilation_ignored", "taps lie side by side whatever the dilation", "sonos/tract#2847", nullptr, dilation_ignored},
    {"window_in_the_padding_kept", "ceil_mode keeps a window that starts in the padding", "onnx/onnx#4958",
     window_in_the_padding_kept},
    {"window_added_where_division_is_exact", "ceil_mode adds a window though the division is exact",
     "pytorch/pytorch#154882", window_added_where_division_is_exact},
};

constexpr Way of_avg[] = {
    {"count_include_pad_inverted", "padding counts where it should not, and the other way round", "torch/cunn#134",
     nullptr, count_include_pad_inverted},
    {"always_divides_by_kernel", "the divisor counts what hangs over the end or lies in excluded padding",
     "sonos/tract#2851", nullptr, always_divides_by_kernel},
    {"divisor_override_ignored", "divisor_override has no effect", "pytorch/executorch#18616", nullptr,
     divisor_override_ignored},
    {"multiplies_by_reciprocal", "the sum times 1 / divisor, which rounds twice", "tenstorrent/tt-metal#45177",
     divides_by<TimesReciprocal>},
    {"rounds_to_nearest", "integer averages are rounded, not cut", "uxlfoundation/oneDNN#560", divides_by<ToNearest>},
    {"ceil_mode_ignored", "windows that hang over the end are not computed", "root-project/root#21776",
     ceil_mode_ignored},
    {"dilation_ignored", "taps lie side by side whatever the dilation", "sonos/tract#2847", nullptr, dilation_ignored},
    {"kernel_of_first_axis", "every axis takes the first axis' kernel", "FluxML/Flux.jl#700", nullptr,
     kernel_of_first_axis},
    {"window_in_the_padding_kept", "ceil_mode keeps a window that starts in the padding", "onnx/onnx#4958",
     window_in_the_padding_kept},
    {"window_added_where_division_is_exact", "ceil_mode adds a window though the division is exact",
     "pytorch/pytorch#154882", window_added_where_division_is_exact},
    {"end_padding_not_counted", "the divisor does not count padding after the input", "microsoft/onnxruntime#24681",
     nullptr, end_padding_not_counted},
};

}  // namespace

constinit const std::span<const Way> max_pool_mistakes = of_max;
constinit const std::span<const Way> min_pool_mistakes = of_min;
constinit const std::span<const Way> avg_pool_mistakes = of_avg;

}  // namespace refloop
