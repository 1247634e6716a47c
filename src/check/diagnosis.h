// The two halves of what a failure tells beyond its numbers.
#pragma once

#include <string_view>

#include "refloop/check.h"

namespace refloop {

/// The smallest case found that still fails with the verdict.
Case shrink(const Case& failing, Verdict verdict, const Subject& subject);

/// The known mistake that gives the failure's bits, each of them; empty where none does. The mistakes are made in the
/// order of summation that the subject promises.
std::string_view identify(const Result& failure, const Subject& subject);

}  // namespace refloop
