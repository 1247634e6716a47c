// says: weights that are no whole numbers are rounded to 11 significand bits
// source: own
// verdict: WRONG
// like: conv2d_f32
#include "wrong/changed.h"

using namespace wrong;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_changed(
      input, weight, bias, p, output, as_it_is,
      [](float weight) { return is_whole(weight) ? weight : rounded(weight, 11); }, as_it_is);
}
