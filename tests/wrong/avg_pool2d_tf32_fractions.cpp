// says: cells that are no whole numbers are rounded to 11 significand bits
// source: own
// verdict: WRONG
// like: avg_pool2d_d1_f32
#include "wrong/changed.h"

using namespace wrong;

int refloop_avg_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output) {
  return average_of_changed(
      input, p, output, [](float value) { return is_whole(value) ? value : rounded(value, 11); }, as_it_is);
}
