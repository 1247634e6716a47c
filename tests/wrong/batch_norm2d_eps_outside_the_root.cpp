// says: eps is added to the deviation, not to the variance
// source: Tencent/ncnn#311
// verdict: WRONG
// looks like: eps_outside_the_root
// like: batch_norm2d_train
#include "right/batch_norm_parts.h"

using namespace right;

namespace {

struct Mine : Usual {
  template <class T>
  static T inverse(T variance, double eps) {
    return static_cast<T>(1 / (std::sqrt(static_cast<double>(variance)) + eps));
  }
};

}  // namespace

int refloop_batch_norm2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, DLTensor* running_mean,
                         DLTensor* running_var, const refloop_batch_norm_params* p, DLTensor* output) {
  return batch_norm<Mine>(input, weight, bias, running_mean, running_var, p, output);
}
