// says: an infinite sum is +infinity, whatever its sign
// source: own
// verdict: WRONG
// like: conv2d_f32
#include "wrong/changed.h"

using namespace wrong;

namespace {

float upwards(float sum) {
  return std::isinf(sum) ? std::abs(sum) : sum;
}

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_changed(input, weight, bias, p, output, as_it_is, as_it_is, upwards);
}
