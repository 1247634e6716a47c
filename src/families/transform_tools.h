// What the bounds of transforms share.
#pragma once

#include <limits>
#include <vector>

#include "refloop/check.h"

namespace refloop {

inline constexpr double unknown_radius = std::numeric_limits<double>::infinity();

/// The margins of direct sums, which such a kernel may fall back to, raised to the radii where those are larger.
Margins raised_margins(const Case& c, const Declared& declared, Tensors in, const std::vector<double>& radii);

/// Whole numbers up to `most` of either sign; weights in `kept` channels, the last one among those of the first filter.
std::vector<AnyTensor> telling_numbers(const Case& c, Index kept, Index most);

}  // namespace refloop
