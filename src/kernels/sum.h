// How the terms of a sum are added is a type; which terms are added stays the loop's text. A Sum has
//
//   Value         what it takes: the type of weights and inputs
//   Total         what it comes to: the type of outputs
//   Sum()         begins with nothing
//   Sum(start)    begins with that: a bias
//   add(w, x)     one product more
//   plus(term)    one term more that is no product
//   result()
#pragma once

#ifdef __FAST_MATH__
#error "refloop's loops promise bits; -ffast-math and -Ofast would change them"
#endif

#include <cstdint>

#include "refloop/tensor.h"

namespace refloop {

template <class Sum>
using Value = typename Sum::Value;
template <class Sum>
using Total = typename Sum::Total;

/// One after the other, each product rounded, then each sum (so compile with -ffp-contract=off).
template <class T>
class InOrder {
 public:
  using Value = T;
  using Total = T;

  explicit InOrder(T start = 0) : sum_(start) {}
  void add(T weight, T value) { plus(weight * value); }
  void plus(T term) { sum_ = sum_ + term; }
  T result() const { return sum_; }

 private:
  T sum_;
};

/// Integers wrap. They are added in 64 unsigned bits, where wrapping is defined, and cut to size at the end.
template <class T>
requires is_integer<T>
class InOrder<T> {
 public:
  using Value = T;
  using Total = T;

  explicit InOrder(T start = 0) : sum_(static_cast<std::uint64_t>(start)) {}
  void add(T weight, T value) { sum_ += static_cast<std::uint64_t>(weight) * static_cast<std::uint64_t>(value); }
  void plus(T term) { sum_ += static_cast<std::uint64_t>(term); }
  T result() const { return static_cast<T>(sum_); }

 private:
  std::uint64_t sum_;
};

/// What the sum should have begun with is added last.
template <class Sum>
class StartLast : public Sum {
 public:
  explicit StartLast(Value<Sum> start = 0) : start_(start) {}
  Total<Sum> result() const {
    Sum whole = *this;
    whole.plus(start_);
    return whole.result();
  }

 private:
  Value<Sum> start_;
};

/// Without a start the first term stands as it is, and nothing but negative zeros stays -0: the same as begun at -0.
template <class Sum>
class FromFirst : public Sum {
 public:
  FromFirst() : Sum(static_cast<Value<Sum>>(-Value<Sum>{0})) {}
  explicit FromFirst(Value<Sum> start) : Sum(start) {}
};

}  // namespace refloop
