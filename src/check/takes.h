// What a subject takes, found by asking it: a kernel of one's own seldom takes every setting, and cases that it refuses
// tell nothing.
#pragma once

#include <string>
#include <vector>

#include "refloop/check.h"

namespace refloop {

struct Takes {
  /// Cases like these it takes; none where it refused whatever was tried. One pattern says what holds for all of them;
  /// where a setting takes some values of those that were tried (k1 and k3, not k2), there is one for each, the other
  /// such settings being as they were first met.
  std::vector<Pattern> patterns;
  /// What all of them say: the settings for which a single value was taken.
  Pattern always;
  std::string refusal{};  // what it said of a case that it does not take
};

/// Asks with small cases like the pattern, of which nothing is compared; nothing where it takes none of them. Memory
/// that is not dense is tried only where it is asked for. When `stop` says so, what was not asked counts as taken.
Takes what_it_takes(
    const Subject& subject, const Pattern& pattern, bool any_memory = false, const Stop& stop = [] { return false; });

/// The pattern as a partial case text: `conv2d_k3_s1_f32`.
std::string to_text(const Pattern& pattern);

}  // namespace refloop
