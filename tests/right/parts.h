// What the kernels of this folder share: element types, a convolution whose sum is a type, and which taps lie inside.
#pragma once

#include <algorithm>
#include <limits>
#include <type_traits>
#include <vector>

#include "corpus/kernel.h"

namespace right {

using corpus::for_each, corpus::Index, corpus::is_float, corpus::Position, corpus::View;

template <class T>
bool holds_type(const DLTensor* tensor) {
  const int code = std::is_floating_point_v<T> ? kDLFloat : std::is_signed_v<T> ? kDLInt : kDLUInt;
  return tensor->dtype.code == code && tensor->dtype.bits == 8 * sizeof(T);
}

/// Calls `use(T{})` with the one of the types that the tensor holds.
template <class... T, class Use>
int with_type(const DLTensor* tensor, Use&& use) {
  int code = REFLOOP_UNSUPPORTED;
  ((holds_type<T>(tensor) ? static_cast<void>(code = use(T{})) : static_cast<void>(0)), ...);
  return code;
}
template <class Use>
int with_integer(const DLTensor* tensor, Use&& use) {
  return with_type<std::int64_t, std::int32_t, std::int16_t, std::int8_t, std::uint8_t>(tensor, use);
}
template <class Use>
int with_any(const DLTensor* tensor, Use&& use) {
  return with_type<double, float, std::int64_t, std::int32_t, std::int16_t, std::int8_t, std::uint8_t>(tensor, use);
}

/// What T is added in. Integers wrap, which only those without sign may do.
template <class T>
using Total = std::conditional_t<std::is_floating_point_v<T>, T,
                                 std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>>;

/// A convolution that leaves to Sum what is added in which order. A Sum starts from a bias, or null.
template <template <class> class Sum, class T>
int conv_of(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
            DLTensor* output) {
  const View<const T> x(input), w(weight);
  const View<T> y(output);
  const Index per_group = w.shape[1], out_per_group = y.shape[1] / p->groups;
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      const auto start = bias != nullptr ? static_cast<Total<T>>(View<const T>(bias)(oc)) : Total<T>{0};
      for_each(y.spatial(), [&](const Position& out) {
        Sum<Total<T>> sum(bias != nullptr ? &start : nullptr);
        for (Index ic = 0; ic < per_group; ++ic) {
          for_each(w.spatial(), [&](const Position& tap) {
            const Position in = corpus::source(*p, out, tap);
            const T value = x.holds(in) ? x(n, oc / out_per_group * per_group + ic, in) : T{0};
            sum.add(static_cast<Total<T>>(w(oc, ic, tap)), static_cast<Total<T>>(value));
          });
        }
        y(n, oc, out) = static_cast<T>(sum.result());
      });
    }
  }
  return 0;
}

/// The same for every element type.
template <template <class> class Sum>
int conv_of_any(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                DLTensor* output) {
  return with_any(input, [&](auto zero) { return conv_of<Sum, decltype(zero)>(input, weight, bias, p, output); });
}

/// From `first` to before `end`; none where `first` is not less.
struct Range {
  Index first, end;
  Index size() const { return std::max<Index>(0, end - first); }
};

/// The taps of a window on one axis that read at `least` or behind it, and before `limit`.
inline Range taps_within(Index start, Index dilation, Index kernel, Index least, Index limit) {
  const Index first = start >= least ? 0 : (least - start + dilation - 1) / dilation;
  const Index end = start >= limit ? 0 : std::min(kernel, (limit - start - 1) / dilation + 1);
  return {first, end};
}

/// Where output `out` of one axis starts to read.
template <class Params>
Index start_of(const Params& p, int axis, Index out) {
  return out * p.stride[axis] - p.padding_before[axis];
}

/// The taps of one axis that read inside the input.
template <class Params>
Range taps_inside(const Params& p, int axis, Index out, Index kernel, Index extent) {
  return taps_within(start_of(p, axis, out), p.dilation[axis], kernel, 0, extent);
}

/// Where the input cells stand that a pool's window holds on one axis. There is no dilation.
inline Range cells_inside(const refloop_pool_params& p, int axis, Index out, Index extent) {
  const Index start = start_of(p, axis, out);
  return {std::clamp<Index>(start, 0, extent), std::clamp<Index>(start + p.kernel[axis], 0, extent)};
}

/// How many cells of one axis count in an average.
inline Index counted(const refloop_pool_params& p, int axis, Index out, Index extent) {
  const bool padding = p.count_include_pad != 0;
  return taps_within(start_of(p, axis, out), 1, p.kernel[axis], padding ? -p.padding_before[axis] : 0,
                     padding ? extent + p.padding_after[axis] : extent)
      .size();
}

/// By what the average at `out` is divided; 0 where nothing counts.
inline Index divisor(const refloop_pool_params& p, const Position& out, const Position& extents) {
  if (p.divisor_override != 0) return p.divisor_override;
  Index cells = 1;
  for (std::size_t axis = 0; axis < out.size(); ++axis) {
    cells *= counted(p, static_cast<int>(axis), out[axis], extents[axis]);
  }
  return cells;
}

/// torch has no dilated average.
inline bool is_dilated(const refloop_pool_params& p, std::size_t axes) {
  return std::any_of(p.dilation, p.dilation + axes, [](Index dilation) { return dilation > 1; });
}

template <class T>
constexpr T lowest() {
  return std::numeric_limits<T>::has_infinity ? -std::numeric_limits<T>::infinity() : std::numeric_limits<T>::lowest();
}
template <class T>
constexpr T highest() {
  return std::numeric_limits<T>::has_infinity ? std::numeric_limits<T>::infinity() : std::numeric_limits<T>::max();
}

}  // namespace right
