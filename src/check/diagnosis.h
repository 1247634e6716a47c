// The parts of what a failure tells beyond its numbers.
#pragma once

#include <string>
#include <vector>

#include "refloop/check.h"

namespace refloop {

/// Cases one step smaller, the largest steps first: what shrinking tries.
std::vector<Case> steps_down(const Case& c);

/// The smallest case found that still fails with the verdict: settings first, then all elements but one of the input
/// and one of the weight.
Case shrink(const Case& failing, Verdict verdict, const Subject& subject, const Stop& stop);

/// Which settings of the smallest case it takes to fail, and which of the failing one it does not take:
/// `groups (2 fails; 3, 4 fail too; 1 passes); not: stride, bias`.
std::string what_matters(const Case& smallest, const Case& failing, Verdict verdict, const Subject& subject,
                         const Stop& stop);

/// The tensors of a small case as grids, expected and got; on coded data what was read in place of what.
std::string picture_of(const Case& smallest, const Subject& subject);

/// The known mistakes that give the failure's bits, each of them. They are made in the order of summation that the
/// subject promises, or in the header's.
std::vector<std::string> identify(const Result& failure, const Subject& subject);

}  // namespace refloop
