// says: weight and bias change places
// source: keras-team/keras#3248
// verdict: WRONG
// looks like: weight_and_bias_swapped
// like: batch_norm2d_affine
#include "right/batch_norm_parts.h"

using namespace right;

namespace {

struct Mine : Usual {
  template <class T>
  static T output(T value, T mean, T inverse, T weight, T bias) {
    return Usual::output(value, mean, inverse, bias, weight);
  }
};

}  // namespace

int refloop_batch_norm2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, DLTensor* running_mean,
                         DLTensor* running_var, const refloop_batch_norm_params* p, DLTensor* output) {
  return batch_norm<Mine>(input, weight, bias, running_mean, running_var, p, output);
}
