// says: cells are rounded to 8 significand bits where a window has 1,000 cells or more
// source: own
// verdict: WRONG
// like: avg_pool2d_k56_s56_p0_q0_d1_f32
#include "wrong/changed.h"

using namespace wrong;

int refloop_avg_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output) {
  const bool is_large = p->kernel[0] * p->kernel[1] >= 1000;
  return average_of_changed(
      input, p, output, [&](float value) { return is_large ? rounded(value, 8) : value; }, as_it_is);
}
