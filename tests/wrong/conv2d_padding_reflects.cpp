// says: a tap outside the image takes the cell mirrored at the border instead of zero
// source: chaiNNer-org/chaiNNer#3106
// verdict: WRONG
// looks like: padding_reflects
// like: conv2d_f32
#include <algorithm>

#include "corpus/kernel.h"

using namespace corpus;

namespace {

Index mirrored(Index at, Index extent) {
  const Index last = extent - 1;
  if (at < 0) at = -at;
  if (at > last) at = 2 * last - at;
  return std::clamp<Index>(at, 0, last);  // of images narrower than their padding
}

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], filters = y.shape[1] / p->groups;
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        float sum = bias != nullptr ? View<const float>(bias)(oc) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          for_each(w.spatial(), [&](const Position& tap) {
            Position in = source(*p, out, tap);
            in = {mirrored(in[0], x.shape[2]), mirrored(in[1], x.shape[3])};
            sum += w(oc, ic, tap) * x(n, oc / filters * per_group + ic, in);
          });
        }
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}
