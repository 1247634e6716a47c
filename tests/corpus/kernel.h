// What the kernels of tests/wrong, tests/right and tests/cheats share: typed views of DLPack's tensors and plain loops
// in pieces that each of them may do otherwise. Nothing of refloop's own loops is used here.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <initializer_list>
#include <vector>

#include "refloop/plugin.h"

namespace corpus {

using Index = std::int64_t;

/// A few numbers, one for each axis, without a heap.
class Position {
 public:
  Position() = default;
  explicit Position(std::size_t size, Index value = 0) : size_(size) { std::fill_n(numbers_, size, value); }
  Position(std::initializer_list<Index> numbers) : Position(numbers.begin(), numbers.end()) {}
  template <class Iterator>
  Position(Iterator first, Iterator last) : size_(static_cast<std::size_t>(last - first)) {
    std::copy(first, last, numbers_);
  }

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  Index& operator[](std::size_t axis) { return numbers_[axis]; }
  Index operator[](std::size_t axis) const { return numbers_[axis]; }
  Index* begin() { return numbers_; }
  Index* end() { return numbers_ + size_; }
  const Index* begin() const { return numbers_; }
  const Index* end() const { return numbers_ + size_; }
  Index& back() { return numbers_[size_ - 1]; }
  Index back() const { return numbers_[size_ - 1]; }

 private:
  static constexpr std::size_t most = 5;
  Index numbers_[most] = {};
  std::size_t size_ = 0;
};

/// A tensor of N x C x spatial axes.
template <class T>
struct View {
  T* data = nullptr;
  Position shape, strides;

  explicit View(const DLTensor* tensor)
      : data(static_cast<T*>(tensor->data)),
        shape(tensor->shape, tensor->shape + tensor->ndim),
        strides(tensor->strides, tensor->strides + tensor->ndim) {}

  Position spatial() const { return {shape.begin() + 2, shape.end()}; }
  bool holds(const Position& at) const {
    for (std::size_t axis = 0; axis < at.size(); ++axis) {
      if (at[axis] < 0 || at[axis] >= shape[axis + 2]) return false;
    }
    return true;
  }
  T& operator()(Index n, Index c, const Position& at) const {
    Index offset = n * strides[0] + c * strides[1];
    for (std::size_t axis = 0; axis < at.size(); ++axis) offset += at[axis] * strides[axis + 2];
    return data[offset];
  }
  T& operator()(Index c) const { return data[c * strides[0]]; }
  /// Where a position lies in its plane, row by row.
  Index flat(const Position& at) const {
    Index offset = 0;
    for (std::size_t axis = 0; axis < at.size(); ++axis) offset = offset * shape[axis + 2] + at[axis];
    return offset;
  }
};

/// Calls `visit(at)` for each position of a box, row by row.
template <class Visit>
void for_each(const Position& box, Visit&& visit) {
  for (const Index extent : box) {
    if (extent <= 0) return;
  }
  Position at(box.size(), 0);
  for (;;) {
    visit(static_cast<const Position&>(at));
    std::size_t axis = at.size();
    while (axis > 0 && ++at[axis - 1] == box[axis - 1]) at[--axis] = 0;
    if (axis == 0) return;
  }
}

/// Where a tap of the window at `out` reads.
template <class Params>
Position source(const Params& p, const Position& out, const Position& tap) {
  Position in(out.size());
  for (std::size_t axis = 0; axis < in.size(); ++axis) {
    in[axis] = out[axis] * p.stride[axis] - p.padding_before[axis] + tap[axis] * p.dilation[axis];
  }
  return in;
}

inline bool is_float(const DLTensor* tensor, int bits) {
  return tensor->dtype.code == kDLFloat && tensor->dtype.bits == bits;
}

/// A right convolution, for kernels whose fault is elsewhere.
template <class T>
int conv(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
         DLTensor* output) {
  const View<const T> x(input), w(weight);
  const View<T> y(output);
  const Index per_group = w.shape[1], out_per_group = y.shape[1] / p->groups;
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        T sum = bias != nullptr ? View<const T>(bias)(oc) : T{0};
        for (Index ic = 0; ic < per_group; ++ic) {
          for_each(w.spatial(), [&](const Position& tap) {
            const Position in = source(*p, out, tap);
            if (x.holds(in)) sum = static_cast<T>(sum + w(oc, ic, tap) * x(n, oc / out_per_group * per_group + ic, in));
          });
        }
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}

}  // namespace corpus
