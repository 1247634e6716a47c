// Filling tensors with the kinds of data. Every value follows from seed, tensor name and row-major position alone,
// through integers and exact arithmetic: no libm, no std::normal_distribution.
#pragma once

#include "check/dispatch.h"
#include "check/mix.h"
#include "check/tensors.h"
#include "refloop/check.h"

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
/// Real data in which about one element in `one_in` is special: NaN, infinity, signed zero, subnormal, extreme.
void fill_special(AnyTensor& tensor, const Case& c, Index one_in);

/// The case's inputs, filled: but for `only`'s elements zero, where the case says so.
std::vector<AnyTensor> inputs_of(const Case& c);
/// Raises Error for an illegal case, or for an `only` that its tensors do not have.
void check_case(const Case& c);

/// Every element its own number from 1, in mixed order, as far as the type goes.
void fill_codes(AnyTensor& tensor, const Case& c);

/// A random odd number with both ends of `bits` bits set where `limit` allows: no shorter significand holds it.
Index wide_value(const Draw& draw, Index position, Index limit, bool with_sign);

}  // namespace refloop
