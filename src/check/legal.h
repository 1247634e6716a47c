// The table of legal differences: what a right kernel that promises no order may do otherwise than the loops. Each has
// a name, is counted, and is forgiven unless exactness was asked for.
#pragma once

#include <vector>

#include "refloop/check.h"

namespace refloop {

/// The table, for the help.
inline constexpr Term legal_differences[] = {
    {"payload of a NaN", "which NaN it is, where one is due"},
    {"sign of a zero", "of a sum or quotient that is zero"},
    {"padding times an infinite weight", "is skipped: the product with the zeros of the padding would be NaN"},
    {"index of nothing", "in a window that holds no element, which has no largest"},
    {"infinity made NaN", "in a sum, as a compensated one makes it: it subtracts the infinity from itself"},
    {"overflow", "or none, where the sum of |w * x| reaches the largest number"},
    {"flushed subnormals", "where --flushes-subnormals declares them"},
    {"a NaN across its tile", "where a transform of tiles is declared that a NaN or an infinity spreads over"},
    {"variance of no numbers", "of a channel with a NaN or an infinity: to who makes a negative one 0 it may be 0"},
};

inline constexpr std::string_view nan_across_its_tile = legal_differences[7].name,
                                  variance_of_no_numbers = legal_differences[8].name;

/// The outputs with each element that differs legally replaced by what is due, and those counted in
/// `result.forgiven`. Sizes and types must be right.
std::vector<AnyTensor> pardoned(Result& result, Prepared& prepared, const Declared& declared, Tensors expected,
                                Tensors got);

}  // namespace refloop
