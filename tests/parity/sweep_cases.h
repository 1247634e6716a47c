// The cases of a family's sweeps as GoogleTest parameters, each test named by its case text. Includes no torch.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <ostream>
#include <set>
#include <string>
#include <vector>

#include "parity/parity.h"
#include "refloop/check.h"

namespace refloop {

/// How GoogleTest shows a parameter.
inline void PrintTo(const Case& c, std::ostream* out) {
  *out << to_text(c);
}

/// Every case of the sweeps that `wanted` keeps, each text once.
template <class Wanted>
std::vector<Case> sweep_cases(const Family& family, Wanted&& wanted) {
  std::vector<Case> cases;
  std::set<std::string> seen;
  for (const Sweep& sweep : family.sweeps()) {
    for (const Case& c : sweep.cases) {
      if (wanted(c) && seen.insert(to_text(c)).second) cases.push_back(c);
    }
  }
  return cases;
}

inline std::string case_name(const testing::TestParamInfo<Case>& info) {
  return to_text(info.param);
}

namespace parity {

inline const Subject& subject(std::string_view name) {
  const auto& subjects = refloop_parity_library()->subjects;
  return *std::find_if(subjects.begin(), subjects.end(), [&](const Subject& each) { return each.name == name; });
}

/// Whether this LibTorch's BLAS sums in the textbook's order. Reference BLAS does; OpenBLAS and MKL do not.
inline bool blas_keeps_order() {
  static const bool keeps = keeps_order(family::conv, subject("native"));
  return keeps;
}

inline constexpr const char* no_order_sentence =
    "this LibTorch's BLAS sums in an order of its own, so that convolutions of random floats round differently";

/// Convolution, and the averages which LibTorch lacks and a convolution computes.
inline bool sums_through_blas(const Case& c) {
  return !refloop_parity_library()->summed_by(c).empty();
}

/// Why equal bits are not asserted for the case, or nothing.
inline std::string not_asserted(const Case& c) {
  const bool asserted = !sums_through_blas(c) || c.family->all_orders_agree(c) || blas_keeps_order();
  return asserted ? "" : no_order_sentence;
}

}  // namespace parity
}  // namespace refloop
