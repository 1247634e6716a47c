// The two halves of what a failure tells beyond its numbers.
#pragma once

#include <string>
#include <vector>

#include "refloop/check.h"

namespace refloop {

/// The smallest case found that still fails with the verdict.
Case shrink(const Case& failing, Verdict verdict, const Subject& subject);

/// The known mistakes that give the failure's bits, each of them. They are made in the order of summation that the
/// subject promises, or in the header's.
std::vector<std::string> identify(const Result& failure, const Subject& subject);

}  // namespace refloop
