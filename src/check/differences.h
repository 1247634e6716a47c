// Outputs against what is due, bit by bit, and how those that differ lie.
#pragma once

#include "check/tensors.h"
#include "refloop/check.h"

namespace refloop {

/// Every bit, but for the payload of a NaN that was not copied from an input.
inline Compare every_bit(const Case& c) {
  return {.payloads = c.family->copies_values};
}
/// But for what hangs on the order of summation: which NaN it is, and the sign of a zero sum.
inline Compare in_any_order(const Case& c) {
  return {.payloads = false, .zero_signs = c.family->copies_values};
}

/// Compares output by output and fills in the verdict and what a failure tells. What does not count is told as
/// forgiven.
void compare_outputs(Result& result, Tensors expected, Tensors got, Compare counts);

/// Whether the outputs have the sizes and types that are due, and memory that can be read.
bool are_readable(Tensors expected, Tensors got);

}  // namespace refloop
