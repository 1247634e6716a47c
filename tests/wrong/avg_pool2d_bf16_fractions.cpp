// says: cells that are no whole numbers are rounded to 8 significand bits
// source: own
// verdict: WRONG
// like: avg_pool2d_d1_f32
#include "wrong/changed.h"

using namespace wrong;

int refloop_avg_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output) {
  return average_of_changed(
      input, p, output, [](float value) { return is_whole(value) ? value : rounded(value, 8); }, as_it_is);
}
