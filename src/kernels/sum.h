// How the terms of a sum are added is a type; which terms are added stays the loop's text.
#pragma once

#ifdef __FAST_MATH__
#error "refloop's loops promise bits; -ffast-math and -Ofast would change them"
#endif

#include <cstdint>
#include <type_traits>

namespace refloop {

/// One after the other, each product rounded, then each sum (so compile with -ffp-contract=off).
template <class T>
class InOrder {
 public:
  explicit InOrder(T start) : sum_(start) {}
  void add(T weight, T value) { sum_ = sum_ + weight * value; }
  T result() const { return sum_; }

 private:
  T sum_;
};

/// Integers wrap. They are added in 64 unsigned bits, where wrapping is defined, and cut to size at the end.
template <class T>
requires std::is_integral_v<T>
class InOrder<T> {
 public:
  explicit InOrder(T start) : sum_(static_cast<std::uint64_t>(start)) {}
  void add(T weight, T value) { sum_ += static_cast<std::uint64_t>(weight) * static_cast<std::uint64_t>(value); }
  T result() const { return static_cast<T>(sum_); }

 private:
  std::uint64_t sum_;
};

}  // namespace refloop
