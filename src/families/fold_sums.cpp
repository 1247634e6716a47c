#include "families/fold_sums.h"

#include <bit>
#include <cmath>
#include <limits>
#include <type_traits>

#include "check/wide.h"

namespace refloop::fold {
namespace {

// Nearly all time of folding goes into these loops. All of it is exact.
template <class T>
inline void add_times_each(Whole factor, const T* from, Index from_step, Whole* to, Index to_step, Index count) {
  for (Index at = 0; at < count; ++at) {
    to[at * to_step] += factor * static_cast<Whole>(static_cast<Index>(from[at * from_step]));
  }
}

template <class T>
inline void add_outputs_each(Whole factor, const T* from, const T* divisors, std::span<Whole> sums, Whole* odd) {
  using Bits = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
  constexpr Bits sign = ~(~Bits{0} >> 1);
  constexpr auto limit = std::bit_cast<Bits>(static_cast<T>(Index{1} << std::numeric_limits<T>::digits));
  for (std::size_t at = 0; at < sums.size(); ++at) {
    const auto bits = std::bit_cast<Bits>(from[at] * divisors[at]);
    const Bits kept = bits & -static_cast<Bits>((bits & ~sign) < limit);
    const auto whole = static_cast<Index>(std::bit_cast<T>(kept));
    odd[at] |= std::bit_cast<Bits>(static_cast<T>(whole)) ^ bits;
    sums[at] += factor * static_cast<Whole>(whole);
  }
}

}  // namespace

REFLOOP_WIDE void add_times(Whole factor, const float* from, Index from_step, Whole* to, Index to_step, Index count) {
  add_times_each(factor, from, from_step, to, to_step, count);
}
REFLOOP_WIDE void add_times(Whole factor, const double* from, Index from_step, Whole* to, Index to_step, Index count) {
  add_times_each(factor, from, from_step, to, to_step, count);
}

REFLOOP_WIDE void add_windows(const Whole* cells, std::span<const Index> taps, const Whole* weights,
                              std::span<Whole> sums) {
  for (std::size_t tap = 0; tap < taps.size(); ++tap) {
    const Whole weight = weights[tap];
    const Whole* const read = cells + taps[tap];
    for (std::size_t at = 0; at < sums.size(); ++at) sums[at] += weight * read[at];
  }
}

REFLOOP_WIDE void add_outputs(Whole factor, const float* from, const float* divisors, std::span<Whole> sums,
                              Whole* odd) {
  add_outputs_each(factor, from, divisors, sums, odd);
}
REFLOOP_WIDE void add_outputs(Whole factor, const double* from, const double* divisors, std::span<Whole> sums,
                              Whole* odd) {
  add_outputs_each(factor, from, divisors, sums, odd);
}

PlaneAxis::PlaneAxis(Index input, Index output, Index kernel, Index strides, Index before, Index gap)
    : outputs(output), stride(strides), dilation(gap) {
  length = output + (kernel - 1) * dilation / stride;
  for (Index tap = 0; tap < kernel; ++tap) {
    const Index remainder = tap * dilation % stride;
    if (block_of(remainder) == static_cast<Index>(remainders.size())) remainders.push_back(remainder);
  }
  for (std::size_t block = 0; block < remainders.size(); ++block) {
    const Index first = std::max<Index>(0, (before - remainders[block] + stride - 1) / stride);  // not before the input
    const Index in = first * stride + remainders[block] - before;
    const Index inside = in < input ? (input - 1 - in) / stride + 1 : 0;
    runs.push_back({in, static_cast<Index>(block), first, std::clamp<Index>(length - first, 0, inside)});
  }
}

}  // namespace refloop::fold
