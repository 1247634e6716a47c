// says: inputs are clipped at 1e38, so that no product with a small weight is infinite
// source: own
// verdict: WRONG
// like: conv2d_f32
#include "wrong/changed.h"

using namespace wrong;

namespace {

float clipped(float value) {
  constexpr float most = 1e38F;
  return std::isfinite(value) && std::abs(value) > most ? std::copysign(most, value) : value;
}

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_changed(input, weight, bias, p, output, clipped, as_it_is, as_it_is);
}
