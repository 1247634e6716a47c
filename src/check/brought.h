// A verdict on outputs that somebody brings together with the inputs: no kernel is there to be asked anything, so these
// numbers alone are judged. Where every order of summation gives the same bits, element by element, they are due; else
// the bits of an order known by name are EXACT, and the rounding bound decides.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "check/bound.h"
#include "refloop/check.h"

namespace refloop {

/// How far outputs are from the exact values, over the elements of which those are known.
struct Nearness {
  Index elements = 0, not_nearest = 0;  // the second: those that are not the exact value rounded once
  double mean = 0, most = 0;            // distances
  double most_ulps = 0;                 // in units of the last place of the exact value
};

struct Brought {
  Result result;                     // without a case text of its own: the data are somebody's
  std::optional<Nearness> nearness;  // of floats that are computed
  std::optional<Margin> first;       // what the first element beyond its bound may be
  Index unknown = 0;                 // elements of which nothing is known: an overflow, say
  std::optional<Index> telling{};    // of sums: in how many elements one term of average size less would be seen
  std::vector<std::string> alike{};  // known mistakes within whose rounding bound it is
  std::string missing{};             // the one product that all elements beyond the bound seem to lack, or have twice
};

/// `prepared` holds the inputs that were brought, of the case's sizes; its data must be special, which anything may be.
/// `got` are all outputs of the case. EXACT, BOUNDED by these numbers alone, SKIPPED where no element has a bound, or
/// WRONG.
Brought judge_brought(Prepared& prepared, const Declared& declared, const std::string& name, Tensors got);

/// Of what is WRONG the known mistakes: those that give the bits in some order, and those that explain them but for
/// rounding; and what would have to be declared.
void explain_brought(Brought& told, Prepared& prepared, const Declared& declared, Tensors got);

}  // namespace refloop
