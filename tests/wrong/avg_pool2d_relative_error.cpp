// says: averages that are no whole numbers are too large by a millionth
// source: own
// verdict: WRONG
// like: avg_pool2d_d1_f32
#include "wrong/changed.h"

using namespace wrong;

int refloop_avg_pool2d(const DLTensor* input, const refloop_pool_params* p, DLTensor* output) {
  return average_of_changed(input, p, output, as_it_is,
                            [](float mean) { return is_whole(mean) ? mean : mean * 1.000001F; });
}
