// What rounding may do to a sum, proved: no output of a right kernel lies beyond it.
//
// For y = start + sum of w * x over n products, computed in an arithmetic of unit roundoff u (2^-24, 2^-53, ...) and
// smallest subnormal omega, in any order, with or without fused multiply-add:
//
//   |y - exact| <= g(N) * S + n * omega / 2 * (1 + g(N)),   g(k) = k u / (1 - k u)
//   N = products that are not zero, and one for a start that is not;  S = sum |w * x| + |start|
//
// Each product is rounded once, or within its fused step, and passes at most N - 1 additions that round; a product with
// zero rounds nothing, and neither does the first addition to 0. Every factor (1 + d), |d| <= u, that a term collects
// is within g(N) of 1. A product that underflows is off by omega / 2 at most, and additions do not underflow. A
// compensated sum that goes on over zero terms rounds thrice where N = 2: N = 2 counts as 3, and N = 1 as 2, since a
// product by way of long double is rounded twice. Source: Higham, Accuracy and Stability of Numerical Algorithms, 2nd
// ed., SIAM 2002: sections 2.8 (underflow), 3.1 (Lemma 3.1, g), 4.2 (sums in any order) and 4.3 (compensated sums).
// Where N u >= 1, with sums in bf16 or f16, there is no bound.
//
// An average divides S by d and rounds twice more where it multiplies by a rounded 1 / d: g(N + 1). Averages taken axis
// by axis add at most min(size, N) terms on an axis and round twice more on each: k = max(N + 1, sum of min(size, N) +
// axes), with (k / 2) omega.
//
// What a kernel declares changes it so:
//   inputs rounded first, each within v of itself, or of the smallest normal number where it is less (below that the
//   narrower type has as many digits fewer): e S' is added and S grows by it, e = 2 v + v^2, S' being the sum of |w *
//   x| with both raised to that number; an arithmetic other than the elements': y is rounded once more when it is
//   stored, by u' (|exact| + R) + omega' / 2; subnormals flushed to zero: a product or sum loses less than the smallest
//   normal number, 2 N of them at most, and a subnormal input its whole product.
//
// What the bound alone misses, in f32 on dense normal data, by the number of terms (share of outputs that are outside
// where the kernel ...):
//   terms   reads tf32 inputs   reads bf16 inputs   drops one tap
//      27        98.9 %              99.9 %             100 %
//     288        53 %                94 %                98.8 %
//    1152         0 %                52 %                87 %
//    2304         0 %                 7 %                66 %
//    9216         0 %                 0 %                 1.6 %
// So it never stands alone: the same case on exact data must be EXACT, and with few weights left within the bound too.
#pragma once

#include <algorithm>
#include <optional>
#include <span>
#include <vector>

#include "check/terms.h"
#include "refloop/check.h"

namespace refloop {

/// Of a case's elements, where nothing else is declared.
const Arithmetic& arithmetic_of(DType dtype);
/// What a kernel computes in that says so of itself. One narrower than the elements rounds the inputs first.
inline Arithmetic arithmetic_of(DType dtype, const Declared& declared) {
  Arithmetic sums = declared.arithmetic == nullptr ? arithmetic_of(dtype) : *declared.arithmetic;
  if (sums.unit > arithmetic_of(dtype).unit) sums.unit_of_inputs = std::max(sums.unit_of_inputs, sums.unit);
  return sums;
}
inline Arithmetic arithmetic_of(const Case& c, const Declared& declared) {
  return arithmetic_of(c.dtype, declared);
}

/// What one output, stored as `dtype`, may be. `window` has the sizes of the kernel of an average, which may be taken
/// axis by axis; for any other sum it is empty. Where a term is not finite, or the sum may overflow, see Margin.
Margin margin_of(const Terms& terms, DType dtype, const Declared& declared = {}, std::span<const Index> window = {});

/// The margins of sums, for a family's table of algorithms.
Margins margins_of_sums(const Case& c, const Declared& declared, Tensors in);
/// Whether every order gives the same bits on the case's data: in its own arithmetic as the family says, in a narrower
/// one that is declared where it holds every input and every partial sum.
bool is_exact(const Case& c, const Declared& declared, Tensors in);

/// Sums in any order: what is meant where no algorithm is declared.
inline constexpr Algorithm direct_sums{.name = "direct",
                                       .says = "the sum of its products, in any order",
                                       .source = "Higham, Accuracy and Stability of Numerical Algorithms, 2002",
                                       .declare = {},
                                       .fits = [](const Case&) { return true; },
                                       .margins = margins_of_sums};

/// How far the value is from what is due, as a share of what is allowed: above 1 it lies outside.
double share_used(const Margin& margin, double value);

/// The largest share of their margins that outputs use, and what lies outside.
struct Share {
  double used = 0;             // above 1 where an element lies outside
  Index outside = 0;           // elements beyond their margin
  std::size_t output = 0;      // the first of those
  std::vector<Index> first{};  // its position
  Index unknown = 0;           // elements of which nothing is known
};
/// Of outputs whose sizes and types are right. An element that is as in `due`, where that is given, needs no margin.
Share share_of(const Margins& margins, Tensors outputs, Tensors due = {});

}  // namespace refloop
