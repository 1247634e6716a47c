// says: the batch is divided by the deviation with n - 1
// source: pytorch/pytorch#3122
// verdict: WRONG
// looks like: unbiased_variance_normalizes
#include "right/batch_norm_parts.h"

using namespace right;

namespace {

struct Mine : Usual {
  template <class T>
  static T normalizing(const Spread<T>& spread) {
    return spread.unbiased;
  }
};

}  // namespace

int refloop_batch_norm2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, DLTensor* running_mean,
                         DLTensor* running_var, const refloop_batch_norm_params* p, DLTensor* output) {
  return batch_norm<Mine>(input, weight, bias, running_mean, running_var, p, output);
}
