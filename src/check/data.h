// Filling tensors with the kinds of data. Every value follows from seed, tensor name and row-major position alone,
// through integers and exact arithmetic: no libm, no std::normal_distribution.
#pragma once

#include "check/dispatch.h"
#include "check/mix.h"
#include "check/tensors.h"
#include "refloop/check.h"
#include "refloop/window.h"

namespace refloop {

/// Bits of the accumulator that hold whole numbers exactly: 53, 24, or all value bits of an integer.
int significand_bits(DType dtype);
/// 2^significand_bits, at most 2^53.
Index exact_limit(DType dtype);
bool is_unsigned(DType dtype);

/// Element at row-major position p becomes value(p); values must be exact in the dtype.
template <class Value>
void fill(AnyTensor& tensor, Value&& value) {
  dispatch(tensor.dtype, [&]<class T>() {
    T* const elements = static_cast<T*>(tensor.data);
    Index position = 0;
    for_each_offset(tensor, [&](Index offset) { elements[offset] = static_cast<T>(value(position++)); });
  });
}
/// Random whole numbers from 1 to `largest` with random sign (no sign for unsigned types).
void fill_integers(AnyTensor& tensor, const Case& c, Index largest);
/// Floats: sums of four uniform numbers, about normal with deviation 1.15, every significand bit in use.
/// Integers: any value of the type.
void fill_real(AnyTensor& tensor, const Case& c);
/// What is special of a case's special data, so that every order of summation still gives the same bits.
enum class Special : std::uint8_t {
  inputs_not_finite,   // at most one NaN or infinity in a window
  weights_not_finite,  // at most one in a filter
  largest,             // whole numbers and one of the largest in a window, which swallows them
  signed_zeros,        // every second number is a zero of either sign
  subnormal,           // whole numbers, all of them scaled down to subnormal ones, or to the smallest normal ones
};
/// One of the first `choices`, by the seed.
Special special_of(const Case& c, Index choices);

/// NaN with a payload, or an infinity of one of the signs given.
double not_finite(const Draw& draw, Index position, bool plus = true, bool minus = true);

/// Puts `value(position)` at about a third of those places of an input of floats that lie so far apart that no window
/// holds two of them. `together`: channels that one window reads.
template <class Value>
void put_apart(AnyTensor& input, const Case& c, Index together, Value&& value) {
  const Draw draw(c.seed, "apart");
  const Index plane = volume(first_axes(c.input, c.dims));
  Axes period = c.kernel, phase{};
  for (std::size_t axis = 0; axis < static_cast<std::size_t>(c.dims); ++axis) {
    period[axis] = c.dilation[axis] * (c.kernel[axis] - 1) + 1;
    phase[axis] = draw.between(0, std::min(period[axis], c.input[axis]) - 1, static_cast<Index>(axis));
  }
  dispatch(Types<double, float>{}, input.dtype, [&]<class T>() {
    T* const elements = static_cast<T*>(input.data);
    Index position = -1;
    for_each_offset(input, [&](Index offset) {
      Index rest = ++position;
      for (std::size_t axis = static_cast<std::size_t>(c.dims); axis-- > 0;) {
        if (rest % c.input[axis] % period[axis] != phase[axis]) return;
        rest /= c.input[axis];
      }
      const Index channel = rest % c.channels, group = rest / c.channels * (c.channels / together) + channel / together;
      const Index place = group * plane + position % plane;
      const bool is_taken =
          draw.between(1, 3, place, 1) == 1 && draw.between(0, together - 1, place, 2) == channel % together;
      if (is_taken) elements[offset] = static_cast<T>(value(position));
    });
  });
}

/// Every element times the smallest subnormal of its type times `scale`, a power of two.
void make_subnormal(AnyTensor& tensor, double scale = 1);
/// Every fourth element becomes 0.
void put_zeros(AnyTensor& tensor, const Case& c);
/// Every second element becomes a zero of either sign.
void put_signed_zeros(AnyTensor& tensor, const Case& c);

/// Real data in which about one element in `one_in` is special: NaN, infinity, signed zero, subnormal, extreme.
void fill_wild(AnyTensor& tensor, const Case& c, Index one_in);

/// The case's inputs, filled: but for `only`'s elements zero, where the case says so.
std::vector<AnyTensor> inputs_of(const Case& c);
/// Raises Error for an illegal case, or for an `only` that its tensors do not have.
void check_case(const Case& c);

/// Every element its own number from 1, in mixed order, as far as the type goes.
void fill_codes(AnyTensor& tensor, const Case& c);

/// A random odd number with both ends of `bits` bits set where `limit` allows: no shorter significand holds it.
Index wide_value(const Draw& draw, Index position, Index limit, bool with_sign);

}  // namespace refloop
