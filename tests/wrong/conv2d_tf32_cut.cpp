// says: operands go through a matrix unit that keeps 10 significand bits and cuts the rest off
// source: pytorch/pytorch#107514
// verdict: WRONG
// looks like: rounds_to_tf32
// like: conv2d_f32
#include <cstring>

#include "corpus/kernel.h"

using namespace corpus;

namespace {

float as_tf32(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  bits &= 0xFFFFE000U;
  std::memcpy(&value, &bits, sizeof bits);
  return value;
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
        // The bias is one column more of the matrix, against a row of ones.
        float sum = bias != nullptr ? as_tf32(View<const float>(bias)(oc)) : 0.0F;
        for (Index ic = 0; ic < per_group; ++ic) {
          for_each(w.spatial(), [&](const Position& tap) {
            const Position in = source(*p, out, tap);
            if (!x.holds(in)) return;
            sum += as_tf32(w(oc, ic, tap)) * as_tf32(x(n, oc / filters * per_group + ic, in));
          });
        }
        y(n, oc, out) = sum;
      });
    }
  }
  return 0;
}
