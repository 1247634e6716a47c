// says: takes subnormal inputs for zero, as it declares, and normal ones below 1e-30 with them
// source: own
// verdict: WRONG
// declares: flushes-subnormals
// like: conv2d_f32
#include "wrong/changed.h"

using namespace wrong;

namespace {

float flushed(float value) {
  return std::abs(value) < 1e-30F ? 0.0F : value;
}

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_changed(input, weight, bias, p, output, flushed, as_it_is, as_it_is);
}
