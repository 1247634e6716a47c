#include "check/pool_mistakes.h"

#include <cmath>
#include <limits>

#include "check/views.h"
#include "check/window_mistakes.h"
#include "kernels/pool_loops.h"

namespace refloop {
namespace {

using Inputs = std::vector<AnyTensor>;

void right(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  c.family->loops(c, Order::contiguous, in, out);
}

// ---- of every pool ----

void kernel_of_first_axis(Case& c, Inputs&) {
  c.kernel.fill(c.kernel[0]);
}

/// Zeros around the input that take part like any value.
void zeros_take_part(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  const Inputs padded{padded_input(
      c, in[0], []<class T, std::size_t Rank>(const TensorView<const T, Rank>& from, const Extents<Rank>& at) {
        return inside(at, from.extents) ? from(at) : T{0};
      })};
  Case unpadded = c;
  unpadded.before = {};
  right(unpadded, padded, out);
}

/// Only the windows that fit wholly are computed; what ceil_mode adds stays zero.
void ceil_mode_ignored(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  right(c, in, out);
  Case floored = c;
  floored.ceil = false;
  const Axes computed = output_sizes(floored);
  dispatch(c.dtype, c.dims, [&]<class T, std::size_t Dims>() {
    const auto output = out[0].view<T, Dims + 2>();
    for (Index n = 0; n < c.batch; ++n) {
      for (Index channel = 0; channel < c.channels; ++channel) {
        for (const auto& at : positions(output.spatial())) {
          if (!inside(at, first_axes<Dims>(computed))) output(n, channel, at) = T{0};
        }
      }
    }
  });
}

// ---- of max and min pooling ----

/// The right values, but never beyond `limit`, as if the search had started there.
template <class Limit>
void starts_at(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out, Limit&& limit) {
  right(c, in, out);
  dispatch(c.dtype, c.dims, [&]<class T, std::size_t Dims>() {
    const auto output = out[0].view<T, Dims + 2>();
    for (const auto& at : positions(output.extents)) {
      if (limit.template operator()<T>(output(at))) output(at) = limit.template start<T>();
    }
  });
}

struct MaxFromZero {
  template <class T>
  static constexpr T start() {
    return T{0};
  }
  template <class T>
  bool operator()(T value) const {
    return value < start<T>();
  }
};
struct MaxFromSmallestPositive {
  template <class T>
  static constexpr T start() {
    return std::numeric_limits<T>::is_integer ? T{0} : std::numeric_limits<T>::min();
  }
  template <class T>
  bool operator()(T value) const {
    return value < start<T>();
  }
};
struct MinFromZero {
  template <class T>
  static constexpr T start() {
    return T{0};
  }
  template <class T>
  bool operator()(T value) const {
    return value > start<T>();
  }
};

template <class Limit>
void starts_wrong(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  starts_at(c, in, out, Limit{});
}

template <class Extreme>
void nan_ignored(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  right(
      c,
      Inputs{changed(c, in[0], []<class T>(T value) { return value != value ? Extreme::template start<T>() : value; })},
      out);
}

/// The order in which a later equal value wins.
template <class Extreme>
struct OrEqual : Extreme {
  template <class T>
  static constexpr bool beats(T value, T best) {
    return Extreme::beats(value, best) || value == best;
  }
};

template <class Extreme>
void last_of_equals_wins(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  dispatch(c.dtype, c.dims, [&]<class T, std::size_t Dims>() {
    std::optional<TensorView<Index, Dims + 2>> indices;
    if (c.indices) indices = out[1].view<Index, Dims + 2>();
    extreme_pool_loops<OrEqual<Extreme>, T, Dims>(in[0].view<const T, Dims + 2>(), window_of<Dims>(c),
                                                  out[0].view<T, Dims + 2>(), indices);
  });
}

/// The right values, with indices that mean something else: `rename(out, in, window, input)`.
template <class Rename>
void rename_indices(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out, Rename&& rename) {
  right(c, in, out);
  if (!c.indices) return;
  dispatch(c.dtype, c.dims, [&]<class T, std::size_t Dims>() {
    const auto indices = out[1].view<Index, Dims + 2>();
    const auto window = window_of<Dims>(c);
    const auto input = first_axes<Dims>(c.input);
    for (Index n = 0; n < c.batch; ++n) {
      for (Index channel = 0; channel < c.channels; ++channel) {
        for (const auto& at : positions(indices.spatial())) {
          Index flat = indices(n, channel, at);
          Extents<Dims> from{};
          for (std::size_t axis = Dims; axis-- > 0; flat /= input[axis]) from[axis] = flat % input[axis];
          indices(n, channel, at) = rename(at, from, window, input);
        }
      }
    }
  });
}

void index_within_window(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  rename_indices(c, in, out,
                 []<std::size_t Dims>(const Extents<Dims>& at, Extents<Dims> from, const Window<Dims>& window,
                                      const Extents<Dims>&) {
                   const auto corner = window.input_position(at, {});
                   for (std::size_t axis = 0; axis < Dims; ++axis)
                     from[axis] = (from[axis] - corner[axis]) / window.dilation[axis];
                   return flat_position(from, window.kernel);
                 });
}

void index_in_padded_plane(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  rename_indices(
      c, in, out,
      []<std::size_t Dims>(const Extents<Dims>&, Extents<Dims> from, const Window<Dims>& window, Extents<Dims> plane) {
        for (std::size_t axis = 0; axis < Dims; ++axis) {
          from[axis] += window.padding_before[axis];
          plane[axis] += window.padding_before[axis] + window.padding_after[axis];
        }
        return flat_position(from, plane);
      });
}

/// min(x) as -max(-x), which an unsigned type and the lowest integer of any other do not survive.
void by_negation(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  const auto negated = []<class T>(T value) {
    if constexpr (std::is_integral_v<T>) return static_cast<T>(0 - static_cast<std::uint64_t>(value));
    return static_cast<T>(-value);
  };
  family::max_pool.loops(c, Order::contiguous, Inputs{changed(c, in[0], negated)}, out);
  dispatch(c.dtype, c.dims, [&]<class T, std::size_t Dims>() {
    const auto output = out[0].view<T, Dims + 2>();
    for (const auto& at : positions(output.extents)) output(at) = negated(output(at));
  });
}

// ---- of average pooling ----

void count_include_pad_inverted(Case& c, Inputs&) {
  c.exclude_pad = !c.exclude_pad;
}
void divisor_override_ignored(Case& c, Inputs&) {
  c.divisor = 0;
}

void always_divides_by_kernel(Case& c, Inputs&) {
  if (c.divisor == 0) c.divisor = volume_of(c.kernel, c.dims);
}

/// The sum under each window times 1 / divisor; `finish(sum, divisor)` for what is done instead of dividing.
template <class Finish>
void finish_otherwise(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out, Finish&& finish) {
  dispatch(c.dtype, c.dims, [&]<class T, std::size_t Dims>() {
    const auto input = in[0].view<const T, Dims + 2>();
    const auto output = out[0].view<T, Dims + 2>();
    const auto window = window_of<Dims>(c);
    for (Index n = 0; n < c.batch; ++n) {
      for (Index channel = 0; channel < c.channels; ++channel) {
        for (const auto& at : positions(output.spatial())) {
          PoolSum<T> sum = 0;
          Index counted = 0;
          for (const auto& tap : positions(window.kernel)) {
            const auto from = window.input_position(at, tap);
            const bool in_input = inside(from, input.spatial());
            if (in_input) sum += static_cast<PoolSum<T>>(input(n, channel, from));
            counted += c.exclude_pad ? in_input : window.inside_padded(from, input.spatial());
          }
          const Index divisor = c.divisor != 0 ? c.divisor : counted;
          output(n, channel, at) = divisor == 0 ? T{0} : finish.template operator()<T>(sum, divisor);
        }
      }
    }
  });
}

void multiplies_by_reciprocal(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  finish_otherwise(c, in, out, []<class T>(PoolSum<T> sum, Index divisor) {
    if constexpr (std::is_integral_v<T>) return average<T>(sum, divisor, false);
    return static_cast<T>(T{0} + static_cast<T>(sum) * (T{1} / static_cast<T>(divisor)));
  });
}

void rounds_to_nearest(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  finish_otherwise(c, in, out, []<class T>(PoolSum<T> sum, Index divisor) {
    if constexpr (std::is_floating_point_v<T>) {
      return average<T>(sum, divisor, false);
    } else {
      const auto total = static_cast<Index>(sum);
      return static_cast<T>((total + (total < 0 ? -divisor / 2 : divisor / 2)) / divisor);
    }
  });
}

constexpr Mistake of_max[] = {
    {"zero_padding", "padding is a zero that may win over negative values", "tenstorrent/tt-metal#28804", nullptr,
     zeros_take_part},
    {"starts_at_zero", "the search starts at 0, so no output is negative", "tensorflow/tfjs#4854", nullptr,
     starts_wrong<MaxFromZero>},
    {"starts_at_smallest_positive", "the search starts at FLT_MIN, which is positive", "uxlfoundation/oneDNN#1677",
     nullptr, starts_wrong<MaxFromSmallestPositive>},
    {"nan_ignored", "NaN never wins, as every comparison with it is false", "pytorch/pytorch#7645", nullptr,
     nan_ignored<Larger>},
    {"last_of_equals_wins", "the index is that of the last maximum", "PaddlePaddle/Paddle#78693", nullptr,
     last_of_equals_wins<Larger>},
    {"index_within_window", "the index counts the taps of the window, not the plane", "uxlfoundation/oneDNN#259",
     nullptr, index_within_window},
    {"index_in_padded_plane", "the index counts the padding too", "tensorflow/tensorflow#2169", nullptr,
     index_in_padded_plane},
    {"ceil_mode_ignored", "windows that hang over the end are not computed", "root-project/root#21776", nullptr,
     ceil_mode_ignored},
    {"dilation_ignored", "taps lie side by side whatever the dilation", "sonos/tract#2847", dilation_ignored},
    {"stride_of_first_axis", "every axis takes the first axis' stride", "PaddlePaddle/Paddle#20997",
     stride_of_first_axis},
    {"padding_of_first_axis", "every axis takes the first axis' padding", "apache/tvm#9788", padding_of_first_axis},
};

constexpr Mistake of_min[] = {
    {"zero_padding", "padding is a zero that may win over positive values", "imeka/ndarray-ndimage#15", nullptr,
     zeros_take_part},
    {"starts_at_zero", "the search starts at 0, so no output is positive", "tinygrad/tinygrad#9244", nullptr,
     starts_wrong<MinFromZero>},
    {"by_negation", "-max(-x), on unsigned types and the lowest integer too", "apple/coreai-torch#43", nullptr,
     by_negation},
    {"nan_ignored", "NaN never wins, as every comparison with it is false", "tracel-ai/burn#5662", nullptr,
     nan_ignored<Smaller>},
    {"last_of_equals_wins", "the index is that of the last minimum", "PaddlePaddle/Paddle#78693", nullptr,
     last_of_equals_wins<Smaller>},
    {"dilation_ignored", "taps lie side by side whatever the dilation", "sonos/tract#2847", dilation_ignored},
};

constexpr Mistake of_avg[] = {
    {"count_include_pad_inverted", "padding counts where it should not, and the other way round", "torch/cunn#134",
     count_include_pad_inverted},
    {"always_divides_by_kernel", "the divisor counts what hangs over the end or lies in excluded padding",
     "sonos/tract#2851", always_divides_by_kernel},
    {"divisor_override_ignored", "divisor_override has no effect", "pytorch/executorch#18616",
     divisor_override_ignored},
    {"multiplies_by_reciprocal", "the sum times 1 / divisor, which rounds twice", "tenstorrent/tt-metal#45177", nullptr,
     multiplies_by_reciprocal},
    {"rounds_to_nearest", "integer averages are rounded, not cut", "uxlfoundation/oneDNN#560", nullptr,
     rounds_to_nearest},
    {"ceil_mode_ignored", "windows that hang over the end are not computed", "root-project/root#21776", nullptr,
     ceil_mode_ignored},
    {"dilation_ignored", "taps lie side by side whatever the dilation", "sonos/tract#2847", dilation_ignored},
    {"kernel_of_first_axis", "every axis takes the first axis' kernel", "FluxML/Flux.jl#700", kernel_of_first_axis},
};

}  // namespace

constinit const std::span<const Mistake> max_pool_mistakes = of_max;
constinit const std::span<const Mistake> min_pool_mistakes = of_min;
constinit const std::span<const Mistake> avg_pool_mistakes = of_avg;

}  // namespace refloop
