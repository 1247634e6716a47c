// says: inputs that are no whole numbers are rounded to 8 significand bits
// source: own
// verdict: WRONG
// like: conv2d_f32
#include "wrong/changed.h"

using namespace wrong;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_changed(
      input, weight, bias, p, output, [](float value) { return is_whole(value) ? value : rounded(value, 8); }, as_it_is,
      as_it_is);
}
