// Sums in lanes and in blocks, by their number.
#pragma once

#include "right/parts.h"

namespace right {

/// Terms by turns into `Count` sums, which are added at the end from the last to the first.
template <int Count>
struct Lanes {
  template <class T>
  class Sum {
   public:
    explicit Sum(const T* bias) {
      if (bias != nullptr) lanes_[0] = *bias;
    }
    void add(T weight, T value) {
      lanes_[next_] += weight * value;
      next_ = (next_ + 1) % Count;
    }
    T result() const {
      T sum = lanes_[Count - 1];
      for (int lane = Count - 1; lane-- > 0;) sum += lanes_[lane];
      return sum;
    }

   private:
    T lanes_[Count] = {};
    int next_ = 0;
  };
};

/// `Count` terms after the other into a sum of their own, which is added to that of the blocks before.
template <int Count>
struct Blocks {
  template <class T>
  class Sum {
   public:
    explicit Sum(const T* bias) : sum_(bias != nullptr ? *bias : T{0}) {}
    void add(T weight, T value) {
      block_ += weight * value;
      if (++terms_ % Count != 0) return;
      sum_ += block_;
      block_ = 0;
    }
    T result() const { return sum_ + block_; }

   private:
    T sum_, block_ = 0;
    int terms_ = 0;
  };
};

}  // namespace right
