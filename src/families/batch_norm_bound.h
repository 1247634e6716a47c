// What rounding may do to a batch norm, proved for each algorithm that computes the statistics of a channel.
//
//   us, u  unit roundoff of the sums, and of all else (the elements'); us < u where sums are wider
//   g(k)   = k u / (1 - k u); below also with us for u. Every product of k factors (1 + d), |d| <= u, is within g(k) of
//   1 m, v   exact mean and biased variance of the N values of a channel; a = mean |x|, q = mean x^2, r = max - min dm,
//   dv how far the computed ones may be off
//
// An average of N terms: N - 1 additions, and as many as four roundings more where it is divided by way of a rounded
// reciprocal, or in two steps (by image, then by batch): g(N + 3) of the mean of their sizes. A compensated sum keeps
// that too. A mean that is stored narrower than it was summed is rounded once more, by u.
//
// Two passes: dm = g(N + 3) a. The distances x - mean are exact to one rounding, which squaring doubles; the square is
// one more; and mean (x - m')^2 = v + (m - m')^2 for any m':
//   e  = sqrt(v + dm^2)
//   dv = dm^2 + g(N + 6) e^2
// (with wide sums of narrow squares, six roundings by u beside). Corrected by the square of what is left of the mean,
// t <= dm + g(N + 4) e, the term t^2 is taken off that dm^2 stands for, so dm^2 becomes t^2 (1 + g(4)), and three more
// roundings g(3) (v + dv) come in.
//
// One pass, mean x^2 - mean^2:
//   dq = g(N + 4) q + 2 |m| dm + dm^2 + g(3) (|m| + dm)^2;   dv = dq + g(3) (v + dq)
// A clamp at 0 only helps. Shifted by the first value, the same with a, q and m of x - first, one rounding more a
// value, and dm + us (|m| + dm) for the mean; of both the larger counts.
//
// Welford, and Chan, Golub and LeVeque's merging of parts, in any tree: n_t e_t, the error of the mean of a part times
// its size, is the sum of what each merge below it adds: at most us n_t |m_t| and 4 us of what is added to the larger
// part's mean, which is the smaller part's size times r at most. A value is in the smaller part at most L = log2 N
// times, passes at most N merges, and n_t |m_t| <= sum |x|. Where a merge weighs both means instead, 4 us of either.
// So for every part
//   e  = us ((N + 4 L) a + (3 + 4 L) r) (1 + 4 (N + 8 + 4 L) us),    N us <= 1/100
// A merge adds d^2 n n' / (n + n') to the squares, d the difference of two means that are off by e each, a single value
// (x - old)(x - new) instead: by Cauchy and Schwarz over all of them, whose sum is N v,
//   c  = e sqrt(v) sqrt(4.5 + 8 L) + (1 + 2 L) e^2
//   dm = e,   dv = c (1 + ...) + g(N + 8 + 4 L) (v + c)
//
// 1 / deviation: s = v + eps lies within s -+ (dv + u eps), times 1 -+ 2 u; its inverse root i between the roots of
// those ends; g(4) more for root, reciprocal, or an approximation within two units of the last place. Where s - dv is
// not above 0 there is no bound: a negative variance makes NaN. Nor where 1 / s may overflow.
//
// Outputs, with d = x - m, i off by di, w and b weight and bias. (x - mean) * i * w + b in whatever order, or divided:
//   |w| (|d| (di + g(3) (i + di)) + dm (i + di) (1 + g(3)))
// x * (i * w) + (b - mean * (i * w)), whether i * w is shared or not, with D = |w| (di + g(1) (i + di)), A = |w| i + D:
//   |d| D + dm A + A (g(2) |x| + g(3) (|m| + dm)) (1 + g(2)) + g(1) |b|
// The larger of both, one rounding more for the last sum. Evaluation is the same with dm = dv = 0.
// Running statistics: three roundings of either part and one of their sum, momentum's own among them; the unbiased
// variance is v N / (N - 1) with three more.
// Underflow: a product loses less than the smallest subnormal number, or than a normal one where subnormals are
// flushed; sums lose nothing.
//
// Sources: Chan, Golub, LeVeque, Algorithms for computing the sample variance, Am. Stat. 37 (1983) 242 (two passes,
// corrected; merging; one pass); Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., SIAM 2002: Lemma 3.1
// (g), section 1.9 (variance) and Problem 1.10 (its two-pass error).
//
// Tried on 1.5e9 values of right kernels in f32 and f64 (n of 2 to 300, |m| / sigma of 0 to 3000, constant channels,
// sums built to lose as much as they can): none outside; the largest share of the bound 0.98 (means), 0.95 (outputs),
// 0.52 (variances). One value in ten has no bound.
//
// Mistakes that are outside in f32 with sums in f32, up to so many normal values a channel, for |m| / sigma of
// 0 / 10 / 1000:
//                                    two passes              one pass            Welford
//   biased running_var                3444 / 3444 / 609       2896 / 215 / -      1218 / 362 / 38
//   unbiased variance normalizes      2896 / 1448 / 128       2435 / 215 / -      1024 / 362 / 32
//   a value left out of the mean      3444 / 3444 / 3444      4096 / 4096 / 3444  3444 / 3444 / 3444
//   eps of 1e-5 outside the root      76 / 3 / -              38 / - / -          2 / - / -
//   eps of 0.1 outside the root       185,000 / 185,000 / 2048  185,000 / 4871 / -  131,000 / 11,585 / 128
// So it never stands alone: a twin on exact data must not fail either.
#pragma once

#include "refloop/check.h"

namespace refloop {

Margins margins_of_two_passes(const Case& c, const Declared& declared, Tensors in);
Margins margins_of_one_pass(const Case& c, const Declared& declared, Tensors in);
Margins margins_of_welford(const Case& c, const Declared& declared, Tensors in);

}  // namespace refloop
