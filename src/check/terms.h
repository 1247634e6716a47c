// The terms of each output, one output after the other, as the loops add them: what a rounding bound and an order of
// summation are made of.
#pragma once

#include <functional>
#include <span>
#include <utility>
#include <vector>

#include "kernels/sum.h"
#include "refloop/check.h"

namespace refloop {

/// start + sum of weights * values, divided by the divisor. Doubles hold the elements of either floating type.
struct Terms {
  double start = 0;  // a bias
  std::vector<double> weights{}, values{};
  Index divisor = 1;
  bool is_average = false;
};

/// Stands where the loops write an output: hands its terms on.
class Seen {
 public:
  explicit Seen(const SeeTerms& see) : see_(&see) {}
  Seen(Terms terms) : terms_(std::move(terms)) {}
  Seen(int) {}  // an average of nothing

  Seen& operator=(const Seen& output) {
    if (&output != this) (*see_)(output.terms_);
    return *this;
  }

 private:
  const SeeTerms* see_ = nullptr;
  Terms terms_;
};

/// A sum that writes down what it is told to add.
template <class T>
class Recorded {
 public:
  using Value = T;
  using Total = Seen;

  explicit Recorded(T start = 0) { terms_.start = static_cast<double>(start); }
  void add(T weight, T value) {
    terms_.weights.push_back(static_cast<double>(weight));
    terms_.values.push_back(static_cast<double>(value));
  }
  void plus(T term) { add(1, term); }
  Terms result() const { return terms_; }

 private:
  Terms terms_;
};

/// An output in which every position is the one place where terms are seen.
template <std::size_t Rank>
TensorView<Seen, Rank> seen_output(Seen& seen, const std::vector<Index>& shape) {
  TensorView<Seen, Rank> output;
  output.data = &seen;
  std::copy(shape.begin(), shape.end(), output.extents.begin());
  output.strides = {};
  return output;
}

}  // namespace refloop
