// Judging a large convolution or average pool of whole numbers without computing it. For any numbers r, in sums that
// wrap at 2^64,
//
//   sum over o of r[o] * y[n, o, out] = conv(x, sum over o of r[o] * w[o])[n, out] + sum over o of r[o] * bias[o]
//   sum over n of r[n] * y[n, o, out] = conv(sum over n of r[n] * x[n], w[o])[out] + sum over n of r[n] * bias[o]
//   sum over n, c of r[n, c] * y[n, c, out] * divisor[out] = windows of (sum over n, c of r[n, c] * x[n, c]), summed
//
// hold for every right output y. One convolution with one filter a group (the first line), or of one image (the second:
// depthwise layers have one filter a group as it is), stands for all of them.
//
// How often a wrong y passes: let the r be random and uniform in 0 ... 2^64 - 1, and y whole with |y| < 2^b, as what is
// due is. Where y is wrong, some error e = y - due is not 0; |e| < 2^(b + 1), so 2^v with v <= b is the largest power
// of two that divides it. Whatever the other r are, the sums agree only if r * e is one certain number modulo 2^64,
// which at most 2^v of the 2^64 values of r give: a probability of 2^(b - 64) at most. For float, b = 24, one draw of
// the r makes it 2^-40; for double, b = 53, four draws make it 2^-44. (Numbers r of 20 bits, as often used, give 2^-20
// a draw, and where sums wrap only for |y| < 2^43.) Hence what is not finite, not whole or not below 2^b fits no sum,
// nor does a -0: what is due is +0. The r follow from a digest of the outputs, which a kernel can't know while it
// computes them.
//
// Source: Freivalds, "Probabilistic machines can use less running time", IFIP Congress 1977; Motwani, Raghavan,
// "Randomized Algorithms", 1995, section 7.1.
#pragma once

#include <cstdint>

#include "refloop/check.h"

namespace refloop {

/// What is due, as far as the sums tell it from the output: a dense copy of that, in which the loops computed anew what
/// fits no sum, and how many elements that were.
struct Folded {
  AnyTensor due;
  Index computed = 0;
};

/// The inputs must be whole numbers whose sums stay below exact_limit in every order.
Folded folded_conv(const Case& c, Tensors in, const AnyTensor& output, std::uint64_t draw);
Folded folded_avg_pool(const Case& c, Tensors in, const AnyTensor& output, std::uint64_t draw);

}  // namespace refloop
