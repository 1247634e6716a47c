// says: the tail of a dot product overwrites the lanes that it does not fill, and their partial sums are lost
// source: NVIDIA/NeMo-Speech.cpp#33
// verdict: WRONG
// looks like: none
// like: conv1d_f32
#include "corpus/kernel.h"

using namespace corpus;

namespace {

float dot(const std::vector<float>& a, const float* b) {
  constexpr std::size_t lanes = 4;
  float sums[lanes] = {};
  for (std::size_t i = 0; i < a.size(); i += lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const bool active = i + lane < a.size();
      sums[lane] = active ? sums[lane] + a[i + lane] * b[i + lane] : 0.0F;
    }
  }
  return sums[0] + sums[1] + sums[2] + sums[3];
}

}  // namespace

int refloop_conv1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  const View<const float> x(input), w(weight);
  const View<float> y(output);
  const Index per_group = w.shape[1], taps = w.shape[2], filters = y.shape[1] / p->groups;
  std::vector<float> column(static_cast<std::size_t>(per_group * taps));
  for (Index n = 0; n < y.shape[0]; ++n) {
    for (Index oc = 0; oc < y.shape[1]; ++oc) {
      for_each(y.spatial(), [&](const Position& out) {
        for (Index k = 0; k < per_group * taps; ++k) {
          const Position in = source(*p, out, {k % taps});
          column[static_cast<std::size_t>(k)] = x.holds(in) ? x(n, oc / filters * per_group + k / taps, in) : 0.0F;
        }
        const float sum = dot(column, w.data + oc * per_group * taps);
        y(n, oc, out) = sum + (bias != nullptr ? View<const float>(bias)(oc) : 0.0F);
      });
    }
  }
  return 0;
}
