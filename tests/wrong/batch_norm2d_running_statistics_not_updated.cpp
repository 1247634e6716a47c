// says: training leaves running_mean and running_var as they were
// source: apache/mxnet#18673
// verdict: WRONG
// looks like: running_statistics_never_updated
// like: batch_norm2d_train_stats
#include "right/batch_norm_parts.h"

using namespace right;

namespace {

struct Mine : Usual {
  template <class T>
  static T updated(T before, T, double) {
    return before;
  }
};

}  // namespace

int refloop_batch_norm2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, DLTensor* running_mean,
                         DLTensor* running_var, const refloop_batch_norm_params* p, DLTensor* output) {
  return batch_norm<Mine>(input, weight, bias, running_mean, running_var, p, output);
}
