// Settings that would give an output of the sizes that somebody has.
#pragma once

#include <span>
#include <vector>

#include "refloop/check.h"

namespace refloop {

/// The settings of a window that nobody has said yet.
struct OpenSettings {
  bool kernel = false, stride = false, padding = false, padding_after = false, dilation = false, ceil_mode = false;
};

/// Legal cases whose output has these spatial sizes, in which nothing but open settings is changed; the simplest first.
/// The same on every axis, where that is enough.
std::vector<Case> cases_that_give(const Case& c, const OpenSettings& open, std::span<const Index> sizes);

}  // namespace refloop
