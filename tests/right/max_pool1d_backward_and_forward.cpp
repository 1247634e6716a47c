// says: takes maxima from each block of a kernel's length forward and backward, two of which make a window
// source: https://github.com/DanBloomberg/leptonica/blob/master/src/graymorph.c
// verdict: EXACT
#include "right/parts.h"

using namespace right;

namespace {

/// The first of equal values, the last NaN.
template <class T>
T larger(T left, T right_value) {
  return right_value > left || right_value != right_value ? right_value : left;
}

template <class T>
int max_pool(const DLTensor* input, const refloop_pool_params& p, DLTensor* output) {
  const View<const T> x(input);
  const View<T> y(output);
  const Index kernel = p.kernel[0], outputs = y.shape[2];
  const Index cells = ((outputs - 1) * p.stride[0] / kernel + 2) * kernel;  // whole blocks, and all windows
  std::vector<T> padded(cells), forward(cells), backward(cells);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for (Index at = 0; at < cells; ++at) {
        const Position in{at - p.padding_before[0]};
        padded[at] = x.holds(in) ? x(n, c, in) : lowest<T>();
      }
      for (Index at = 0; at < cells; ++at) {
        forward[at] = at % kernel == 0 ? padded[at] : larger(forward[at - 1], padded[at]);
      }
      for (Index at = cells - 1; at >= 0; --at) {
        backward[at] = at % kernel == kernel - 1 ? padded[at] : larger(padded[at], backward[at + 1]);
      }
      for (Index out = 0; out < outputs; ++out) {
        const Index start = out * p.stride[0];
        y(n, c, {out}) = larger(backward[start], forward[start + kernel - 1]);
      }
    }
  }
  return 0;
}

}  // namespace

int refloop_max_pool1d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  if (indices != nullptr || p->dilation[0] > 1) return REFLOOP_UNSUPPORTED;
  return with_any(input, [&](auto zero) { return max_pool<decltype(zero)>(input, *p, output); });
}

const char* refloop_reason() {
  return "takes no dilation, and gives no indices";
}
