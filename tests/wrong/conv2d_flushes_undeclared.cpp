// says: takes subnormal inputs for zero and says nothing of it
// source: own
// verdict: WRONG
// like: conv2d_f32
#include <limits>

#include "wrong/changed.h"

using namespace wrong;

namespace {

float flushed(float value) {
  return std::abs(value) < std::numeric_limits<float>::min() ? 0.0F : value;
}

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_changed(input, weight, bias, p, output, flushed, as_it_is, as_it_is);
}
