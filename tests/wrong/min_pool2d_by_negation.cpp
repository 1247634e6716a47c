// says: the minimum is taken as -max(-x), also of bytes without a sign, whose 0 has no negative
// source: apple/coreai-torch#43
// verdict: WRONG
// looks like: by_negation
// like: min_pool2d_uint8
#include "corpus/kernel.h"

using namespace corpus;

int refloop_min_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  if (input->dtype.code != kDLUInt || input->dtype.bits != 8) return REFLOOP_UNSUPPORTED;
  const View<const std::uint8_t> x(input);
  const View<std::uint8_t> y(output);
  const auto negated = [](std::uint8_t value) { return static_cast<std::uint8_t>(-value); };
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each(y.spatial(), [&](const Position& out) {
        std::uint8_t largest = 0;
        Position best_at = source(*p, out, {0, 0});
        for (std::size_t axis = 0; axis < 2; ++axis) {
          while (best_at[axis] < 0) best_at[axis] += p->dilation[axis];
        }
        for_each({p->kernel[0], p->kernel[1]}, [&](const Position& tap) {
          const Position in = source(*p, out, tap);
          if (!x.holds(in) || negated(x(n, c, in)) <= largest) return;
          largest = negated(x(n, c, in));
          best_at = in;
        });
        y(n, c, out) = negated(largest);
        if (indices != nullptr) (View<Index>(indices))(n, c, out) = x.flat(best_at);
      });
    }
  }
  return 0;
}
