// Random floats of a subject that promises no order of summation: does a known order give its bits, or are they within
// what rounding may do?
//
// The bound, for y = start + sum of w * x over n products, computed in the element type in any order, with or without
// fused multiply-add, u its unit roundoff (2^-24, 2^-53), omega its smallest subnormal:
//
//   |y - exact| <= g(N) * S + n * omega / 2 * (1 + g(N)),   g(k) = k u / (1 - k u)
//   N = products that are not zero, and one for a start that is not;  S = sum |w * x| + |start|
//
// Each product is rounded once, or within its fused step, and passes at most N - 1 additions that round; a product with
// zero rounds nothing, and neither does the first addition to 0. Every factor (1 + d), |d| <= u, that a term collects
// is within g(N) of 1. A product that underflows is off by omega / 2 at most, and additions do not underflow. A
// compensated sum that goes on over zero terms rounds thrice where N = 2: N = 2 counts as 3, and N = 1 as
// 2, since a product by way of long double is rounded twice. Source: Higham, Accuracy
// and Stability of Numerical Algorithms, 2nd ed., SIAM 2002: sections 2.8 (underflow), 3.1 (Lemma 3.1, g), 4.2 (sums in
// any order) and 4.3 (compensated sums).
//
// An average divides S by d and rounds twice more where it multiplies by a rounded 1 / d: g(N + 1). Averages taken axis
// by axis round once an axis: k = max(N + 1, sum of the kernel's sizes + axes), with (k / 2) omega.
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

#include <optional>
#include <string>
#include <vector>

#include "refloop/check.h"

namespace refloop {

/// What one output may be.
struct SumBound {
  double exact = 0, radius = 0;
  bool is_known = true;
};
/// `axis_steps` counts the roundings of an average that is taken axis by axis; any other sum has 0.
SumBound sum_bound(const Terms& terms, DType dtype, Index axis_steps = 0);

/// What is known of outputs beside their bits.
struct Rounding {
  std::vector<std::string> orders;  // known orders that give every bit of the output, but for signs of zero
  double bound_used = 0;            // the largest share of the bound; above 1 where an output lies outside
  Index outside = 0;                // outputs beyond the bound, or not finite
  std::optional<std::vector<Index>> first_outside;
  bool has_bound = true;  // false where N u >= 1, or where the sums may overflow
};

/// Whether anything can be said of the case: floats, finite data, and a family that tells its terms.
bool has_terms(const Case& c);
/// Whether a subject that promises no order can be judged on the case: by exact sums, by its terms, or by the orders
/// that its family knows.
bool can_be_judged_without_order(const Case& c);
/// Of an output whose sizes and type are right. `among`: only these orders are tried, where it is given.
Rounding rounding_of(const Case& c, Tensors inputs, const AnyTensor& output,
                     const std::vector<std::string>* among = nullptr);

}  // namespace refloop
