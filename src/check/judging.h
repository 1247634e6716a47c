// What the files that judge share.
#pragma once

#include <string>

#include "refloop/check.h"

namespace refloop {

/// One case in so many, by the hash of its text.
bool is_one_in(std::uint64_t many, const Case& c);

/// Runs the subject; what it throws is its own failure, and not the run's. The processor rounds as usual afterwards.
Outcome run_caught(const Subject::Run& run, const Case& c, Tensors inputs);
inline Outcome run_caught(const Subject& subject, const Case& c, Tensors inputs) {
  return run_caught(subject.run, c, inputs);
}

/// As `judge`, of a case that stands beside the one that is judged: it has no twins of its own.
Result judge_twin(const Case& c, const Subject& subject);

/// Fills in the verdict on outputs of a subject that promises no order of summation. `is_twin`: whether the case stands
/// beside another, and its own twins are not asked.
void judge_without_order(Result& result, Prepared& prepared, const Subject& subject, Tensors got, bool is_twin);

/// Whether anything can be said of what a subject gives that promises no order.
bool can_be_judged_without_order(const Case& c);

/// The algorithm by which a subject computes the case: one that it declares and that fits, else the family's first;
/// null where the family has none.
const Algorithm* algorithm_of(const Case& c, const Declared& declared);

/// By the family's first algorithm and by all that are declared and fit: a kernel may use each of them.
Margins margins_of(const Case& c, const Declared& declared, Tensors in);

/// `the rounding bound`, or whose it is.
std::string bound_name(const Case& c, const Algorithm& algorithm);
/// How far beyond, where that is no matter of another magnitude: `, up to 12 times it`.
std::string times_the_bound(double share);

/// What would have to be declared for outputs that are wrong as they are: the algorithm whose bound they keep.
const Algorithm* undeclared_algorithm(Prepared& prepared, const Declared& declared, Tensors got);

}  // namespace refloop
