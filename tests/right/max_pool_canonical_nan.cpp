// says: a window with a NaN in it gives the one quiet NaN of the type, whichever it read
// source: RISC-V instruction set manual, volume I, "NaN Generation and Propagation"
// verdict: EXACT
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
int max_pool(const DLTensor* input, const refloop_pool_params& p, DLTensor* output, DLTensor* indices) {
  const View<const T> x(input);
  const View<T> y(output);
  const Position kernel(p.kernel, p.kernel + y.spatial().size());
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each(y.spatial(), [&](const Position& out) {
        T best = lowest<T>();
        Position best_at = source(p, out, Position(out.size(), 0));
        for (std::size_t axis = 0; axis < out.size(); ++axis) {
          while (best_at[axis] < 0) best_at[axis] += p.dilation[axis];
        }
        for_each(kernel, [&](const Position& tap) {
          const Position in = source(p, out, tap);
          if (!x.holds(in)) return;
          const T value = x(n, c, in);
          const bool is_nan = value != value;
          if (!is_nan && !(value > best)) return;
          best = is_nan ? std::numeric_limits<T>::quiet_NaN() : value;
          best_at = in;
        });
        y(n, c, out) = best;
        if (indices != nullptr) View<Index>{indices}(n, c, out) = x.flat(best_at);
      });
    }
  }
  return 0;
}

int max_pool_any(const DLTensor* input, const refloop_pool_params& p, DLTensor* output, DLTensor* indices) {
  return with_type<float, double>(input,
                                  [&](auto zero) { return max_pool<decltype(zero)>(input, p, output, indices); });
}

}  // namespace

int refloop_max_pool1d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  return max_pool_any(input, *p, output, indices);
}
int refloop_max_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  return max_pool_any(input, *p, output, indices);
}
int refloop_max_pool3d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  return max_pool_any(input, *p, output, indices);
}
