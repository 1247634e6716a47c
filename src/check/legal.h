// The table of legal differences: what a right kernel that promises no order may do otherwise than the loops. Each has
// a name, is counted, and is forgiven unless exactness was asked for.
#pragma once

#include <vector>

#include "refloop/check.h"

namespace refloop {

namespace difference {
inline constexpr std::string_view payload_of_a_nan = "payload of a NaN", sign_of_a_zero = "sign of a zero",
                                  padding_times_infinity = "padding times an infinite weight",
                                  index_of_nothing = "index of nothing", infinity_made_nan = "infinity made NaN",
                                  overflow = "overflow", flushed_subnormals = "flushed subnormals",
                                  nan_across_its_tile = "a NaN across its tile",
                                  variance_of_no_numbers = "variance of no numbers";
}  // namespace difference

/// The table, for the help.
inline constexpr Term legal_differences[] = {
    {difference::payload_of_a_nan, "which NaN it is, where one is due"},
    {difference::sign_of_a_zero, "of a sum or quotient that is zero"},
    {difference::padding_times_infinity, "is skipped: the product with the zeros of the padding would be NaN"},
    {difference::index_of_nothing, "in a window that holds no element, which has no largest"},
    {difference::infinity_made_nan, "in a sum, as a compensated one makes it: it subtracts the infinity from itself"},
    {difference::overflow, "or none, where the sum of |w * x| reaches the largest number"},
    {difference::flushed_subnormals, "where --flushes-subnormals declares them"},
    {difference::nan_across_its_tile, "where a transform of tiles is declared that a NaN or an infinity spreads over"},
    {difference::variance_of_no_numbers,
     "of a channel with a NaN or an infinity: to who makes a negative one 0 it may be 0"},
};

/// The outputs with each element that differs legally replaced by what is due, and those counted in
/// `result.forgiven`. Sizes and types must be right.
std::vector<AnyTensor> pardoned(Result& result, Prepared& prepared, const Declared& declared, Tensors expected,
                                Tensors got);

}  // namespace refloop
