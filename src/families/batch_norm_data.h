// Inputs of batch norm. On some of them nothing rounds, however it is computed:
//
//   variance + eps = 4^k, so that 1 / sqrt(variance + eps) = 2^-k: eps is 0, or 3/4 * 4^k beside a variance of 4^(k-1)
//   evaluation  running_var is that variance; the other inputs are whole
//   training    the values of a channel are a whole mean + d * s in a random order, s a power of two:
//                 n even  d = 1 and -1, as many of each    variance = s^2    unbiased: 2 s^2 where n is 2
//                 n = 5   d = 3 -3 1 -1 0                    4 s^2             5 s^2
//                 n = 9   d = 3 -3 3 -3 and five 0           4 s^2             4.5 s^2
//                 n = 17  d = 5 -5 3 -3 and thirteen 0       4 s^2             4.25 s^2
//
// Sums and sums of squares are exact in float there, and so is their division by n, also by way of 1 / n: where that is
// off by less than a quarter of a unit in the last place, n * x * (1 / n) rounds to x. Other n keep ordinary whole
// numbers. Two passes and one give the same bits; the updated means of Welford's algorithm round unless n is 2, and
// n / (n - 1) rounds unless n is 2, 5, 9 or 17.
#pragma once

#include <vector>

#include "refloop/check.h"

namespace refloop {

/// The values that one channel has.
Index values_per_channel(const Case& c);

std::vector<AnyTensor> batch_norm_inputs(const Case& c);

/// Whether nothing rounds in two passes and in one, however they sum, divide and put outputs together; but for the
/// unbiased variance.
bool is_exact_in_passes(const Case& c);
/// Whether every algorithm gives the same bits.
bool is_exact_in_every_algorithm(const Case& c);

}  // namespace refloop
