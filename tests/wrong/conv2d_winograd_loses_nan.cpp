// says: Winograd that takes inputs which are not finite for 0 as it transforms them, so that no tile is spoilt
// source: own
// verdict: WRONG
// declares: winograd-2x2
// like: conv2d_k3_s1_d1_f32
#include <cmath>

#include "right/winograd.h"

using namespace right;

namespace {

struct Form : F2<float> {
  float kept(float value) const { return std::isfinite(value) ? value : 0; }
};

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  return winograd2d<Form, float>({}, input, weight, bias, *p, output);
}
