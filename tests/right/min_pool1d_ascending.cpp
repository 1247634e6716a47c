// says: keeps the candidates of a sliding window in ascending order, and visits every input once
// source: https://github.com/scipy/scipy/blob/main/scipy/ndimage/src/ni_filters.c
// verdict: EXACT
#include <deque>

#include "right/parts.h"

using namespace right;

namespace {

/// Whether a value stays before one that comes behind it: the first of equal values does, and NaN before numbers.
template <class T>
bool stays(T value, T next) {
  return next == next && (value <= next || value != value);
}

template <class T>
int min_pool(const DLTensor* input, const refloop_pool_params& p, DLTensor* output, DLTensor* indices) {
  const View<const T> x(input);
  const View<T> y(output);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      std::deque<Index> candidates;
      Index entered = 0;
      for (Index out = 0; out < y.shape[2]; ++out) {
        const Range cells = cells_inside(p, 0, out, x.shape[2]);
        for (; entered < cells.end; ++entered) {
          while (!candidates.empty() && !stays(x(n, c, {candidates.back()}), x(n, c, {entered}))) candidates.pop_back();
          candidates.push_back(entered);
        }
        while (!candidates.empty() && candidates.front() < cells.first) candidates.pop_front();
        y(n, c, {out}) = candidates.empty() ? highest<T>() : x(n, c, {candidates.front()});
        if (indices == nullptr) continue;
        const Index none = std::max<Index>(0, start_of(p, 0, out));
        View<Index>{indices}(n, c, {out}) = candidates.empty() ? none : candidates.front();
      }
    }
  }
  return 0;
}

}  // namespace

int refloop_min_pool1d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  if (p->dilation[0] > 1) return REFLOOP_UNSUPPORTED;
  return with_any(input, [&](auto zero) { return min_pool<decltype(zero)>(input, *p, output, indices); });
}

const char* refloop_reason() {
  return "takes no dilation";
}
