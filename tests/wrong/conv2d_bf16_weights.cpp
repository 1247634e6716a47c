// says: weights are kept in 8 significand bits, inputs in all of theirs
// source: own
// verdict: WRONG
// like: conv2d_f32
#include "wrong/changed.h"

using namespace wrong;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_changed(
      input, weight, bias, p, output, as_it_is, [](float weight) { return rounded(weight, 8); }, as_it_is);
}
