// says: the search starts at the lowest int8 whatever the type
// source: flagos-ai/FlagGems#5938
// verdict: WRONG
// looks like: none
// like: max_pool1d_int32
#include "corpus/kernel.h"

using namespace corpus;

int refloop_max_pool1d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output, DLTensor* indices) {
  if (input->dtype.code != kDLInt || input->dtype.bits != 32) return REFLOOP_UNSUPPORTED;
  constexpr std::int32_t neutral = -128;
  const View<const std::int32_t> x(input);
  const View<std::int32_t> y(output);
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index c = 0; c < y.shape[1]; ++c) {
      for_each(y.spatial(), [&](const Position& out) {
        std::int32_t best = neutral;
        Position best_at = source(*p, out, {0});
        while (best_at[0] < 0) best_at[0] += p->dilation[0];
        for (Index k = 0; k < p->kernel[0]; ++k) {
          const Position in = source(*p, out, {k});
          if (!x.holds(in) || x(n, c, in) <= best) continue;
          best = x(n, c, in);
          best_at = in;
        }
        y(n, c, out) = best;
        if (indices != nullptr) (View<Index>(indices))(n, c, out) = best_at[0];
      });
    }
  }
  return 0;
}
