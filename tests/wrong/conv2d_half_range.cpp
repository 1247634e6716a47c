// says: sums pass through a number of half range on their way out: beyond 65,504 they are infinite
// source: own
// verdict: WRONG
// like: conv2d_f32
#include <limits>

#include "wrong/changed.h"

using namespace wrong;

namespace {

float in_half_range(float sum) {
  constexpr float largest = 65'504;
  return std::abs(sum) > largest ? std::copysign(std::numeric_limits<float>::infinity(), sum) : sum;
}

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_changed(input, weight, bias, p, output, as_it_is, as_it_is, in_half_range);
}
