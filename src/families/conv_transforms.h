// What rounding may do to a convolution by way of a transform: per element, proved, from the case's own data.
// Throughout u is the unit roundoff, g(k) = k u / (1 - k u), and |M| a matrix of absolute values.
//
// Winograd, F(m, 3) on each of one or two axes (written for two; tiles lie from output 0 on and read zeros beyond the
// input):
//
//   Y = A^T [ sum over c of U_c .* V_c ] A + b,   U = G g G^T,   V = B^T d B
//
// A^T, G and B^T are those of Cook and Toom at the algorithm's points and infinity. Let n(M) be the most numbers that
// are not zero in a row of M, and r how often a coefficient itself is rounded: F(2, 3) has none but 0, 1 and 1/2.
//   1. A number of a tile meets in each axis one product and at most n - 1 additions on its way to an element of the
//      transform, in shared sub-expressions no more than in plain sums: it collects 2 (n + r) factors 1 + e, |e| <= u.
//        |U' - U| <= dU = g(2 (n(G) + r)) |G| |g| |G^T|,   |V' - V| <= dV = g(2 (n(B^T) + r)) |B^T| |d| |B|
//   2. A product U' V' is rounded once, passes at most C - 1 additions, C the channels whose weights are not all zero,
//      and then the output transform: k = C + 2 (n(A^T) + r) roundings, one more for a sum that is compensated, and one
//      for a bias. In whichever order: the channels may be transformed back in parts.
//   3. U' V' = U V + U dV + dU V + dU dV. Collected, and a bias through the whole output transform as some have it:
//        R = |A^T| [ sum over c of |U| dV + dU (|V| + dV) + g(k) (|U| + dU) (|V| + dV) ] |A|
//            + g(2 (n(A^T) + r) + 1) |b|
// Only what rounds is taken by its absolute value, so that R is 4 to 8 times smaller than with |A^T|, |G| and |B^T|
// throughout. Scaling a row of G, of B^T and a column of A^T against each other leaves it as it is: the points matter,
// how a library writes its matrices does not. Sources: Lavin, Gray, "Fast algorithms for convolutional neural
// networks", CVPR 2016 (the algorithm); Barabasz, Anderson, Soodhalter, Gregg, "Error analysis and improving the
// accuracy of Winograd convolution for deep neural networks", ACM TOMS 46 (2020), no. 37 (the norm-wise bound);
// Higham, Accuracy and Stability of Numerical Algorithms, 2nd ed., SIAM 2002, Lemma 3.1 (g). ncnn's points are +-sqrt 2
// and +-1/sqrt 2: src/layer/x86/convolution_3x3_winograd.h.
//
// FFT, of whole planes padded to sizes whose factors are at most 7, or of parts of them that are cut out. x_c, w_c: the
// planes of input and weights; X_c, W_c: their transforms by matrices F with F* F = N; z = sum over c of F* (X_c .*
// W_c) / N. One level of radix p turns the numbers (complex products: sqrt 5 + 1, twiddles rounded) and adds p of each,
// so in norm it is off by at most L(p) u of what goes in, L(2) = 2 + sqrt 5, L(p) = 1 + sqrt 5 + sqrt p (p + sqrt 5);
// no p up to 7 takes more than 10 for each doubling. With L = 10 (1 + log2 of the sizes), one level more for the trick
// of real transforms:
//   forward:   |X' - X|_2 <= L u sqrt N |x|_2, and so of W. By Parseval and Cauchy-Schwarz what this and the products
//              and sums of C channels add to an output is at most (2 L + C + 8) u sum |x_c|_2 |w_c|_2.
//   backward:  each output is a sum over k of Z_k / N turned, off by at most L u mean |Z| <= L u sum |x_c|_2 |w_c|_2.
//   R = 1.01 u (3 L + C + 12) s,   s = sum over c of |x_c|_2 |w_c|_2;   with a bias u (s + 2 |b| + R) more
// The factor 1.01 is for products of u. Channels that are transformed back one by one keep it too: |z_c| <= |x_c|_2
// |w_c|_2. A stride takes some outputs of the whole, a dilation puts zeros between weights. Sources: Percival, "Rapid
// multiplication modulo the sum and difference of highly composite numbers", Math. Comp. 72 (2003) 387 (3 levels for
// each level; here with channels); Brent, Percival, Zimmermann, Math. Comp. 76 (2007) 1469 (sqrt 5); Higham 2002,
// ch. 24. Not covered: sizes with larger prime factors by way of Bluestein, twiddles from a recurrence.
//
// Numbers that underflow are counted; those that come near the largest number, and what is not finite, leave the whole
// tile or plane unknown. No radius is less than that of direct sums, which such a kernel may fall back to.
#pragma once

#include <numbers>
#include <span>

#include "check/legal.h"
#include "refloop/check.h"

namespace refloop {

/// The tiles of a Winograd convolution with 3 taps on each axis.
struct Tiles {
  std::string_view algorithm;
  Index outputs;                   // of a tile on one axis
  std::span<const double> points;  // where polynomials are evaluated, beside infinity: outputs + 1
  int coefficient_roundings;
};
inline constexpr double whole_points[] = {0, 1, -1, 2, -2, 0.5, -0.5};
inline constexpr double sqrt2_points[] = {0, std::numbers::sqrt2 / 2, -std::numbers::sqrt2 / 2, std::numbers::sqrt2,
                                          -std::numbers::sqrt2};
inline constexpr Tiles tiles_2x2{"winograd-2x2", 2, std::span(whole_points).first<3>(), 0};
inline constexpr Tiles tiles_4x4{"winograd-4x4", 4, std::span(whole_points).first<5>(), 1};
inline constexpr Tiles tiles_6x6{"winograd-6x6", 6, whole_points, 1};
inline constexpr Tiles tiles_4x4_sqrt2{"winograd-4x4-sqrt2", 4, sqrt2_points, 2};

/// Floats, 3 taps on each of one or two axes, without stride or dilation.
bool fits_tiles(const Case& c);
bool fits_fft(const Case& c);
/// R of each output in row-major order, infinite where nothing is known.
std::vector<double> radii_of_tiles(const Tiles& tiles, const Case& c, const Declared& declared, Tensors in);
std::vector<double> radii_of_fft(const Case& c, const Declared& declared, Tensors in);
Margins margins_of_tiles(const Tiles& tiles, const Case& c, const Declared& declared, Tensors in);
Margins margins_of_fft(const Case& c, const Declared& declared, Tensors in);
/// Inputs of whole numbers, with weights in few of the channels: the radius stays below 1/2, where planes are no larger
/// than people have them.
std::vector<AnyTensor> telling_of_tiles(const Case& c);
std::vector<AnyTensor> telling_of_fft(const Case& c);

template <const Tiles& tiles>
constexpr Algorithm winograd(std::string_view says, std::string_view declare) {
  return {.name = tiles.algorithm,
          .says = says,
          .source = "Lavin, Gray 2016; Barabasz, Anderson, Soodhalter, Gregg, ACM TOMS 2020",
          .declare = declare,
          .fits = fits_tiles,
          .margins = [](const Case& c, const Declared& declared,
                        Tensors in) { return margins_of_tiles(tiles, c, declared, in); },
          .telling = telling_of_tiles,
          .unknown = difference::nan_across_its_tile};
}
inline constexpr Algorithm winograd_2x2 = winograd<tiles_2x2>("Winograd F(2x2,3x3)", "--algorithm winograd-2x2");
inline constexpr Algorithm winograd_4x4 = winograd<tiles_4x4>("Winograd F(4x4,3x3)", "--algorithm winograd-4x4");
inline constexpr Algorithm winograd_6x6 = winograd<tiles_6x6>("Winograd F(6x6,3x3)", "--algorithm winograd-6x6");
inline constexpr Algorithm winograd_4x4_sqrt2 =
    winograd<tiles_4x4_sqrt2>("Winograd F(4x4,3x3) at points +-sqrt 2", "--algorithm winograd-4x4-sqrt2");
inline constexpr Algorithm fft{.name = "fft",
                               .says = "an FFT of whole planes",
                               .source = "Percival, Math. Comp. 72 (2003) 387",
                               .declare = "--algorithm fft",
                               .fits = fits_fft,
                               .margins = margins_of_fft,
                               .telling = telling_of_fft,
                               .unknown = difference::nan_across_its_tile};

}  // namespace refloop
