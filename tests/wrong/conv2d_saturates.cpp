// says: keeps sums between the smallest and the largest number, so that none is infinite
// source: own
// verdict: WRONG
// like: conv2d_f32
#include <limits>

#include "wrong/changed.h"

using namespace wrong;

namespace {

float clamped(float sum) {
  constexpr float largest = std::numeric_limits<float>::max();
  return sum > largest ? largest : sum < -largest ? -largest : sum;
}

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_changed(input, weight, bias, p, output, as_it_is, as_it_is, clamped);
}
