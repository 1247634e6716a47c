// says: outputs that are no whole numbers are too large by a millionth
// source: own
// verdict: WRONG
// like: conv2d_f32
#include "wrong/changed.h"

using namespace wrong;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_changed(input, weight, bias, p, output, as_it_is, as_it_is,
                         [](float sum) { return is_whole(sum) ? sum : sum * 1.000001F; });
}
