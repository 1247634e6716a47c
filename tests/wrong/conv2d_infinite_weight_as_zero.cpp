// says: weights that are not finite are taken for 0, as a loader that cleans them up does
// source: own
// verdict: WRONG
// like: conv2d_f32
#include "wrong/changed.h"

using namespace wrong;

namespace {

float cleaned(float weight) {
  return std::isfinite(weight) ? weight : 0.0F;
}

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_changed(input, weight, bias, p, output, as_it_is, cleaned, as_it_is);
}
