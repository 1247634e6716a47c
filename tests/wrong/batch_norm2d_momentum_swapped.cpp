// says: momentum is the part of the old statistics
// source: d2l-ai/d2l-en#2213
// verdict: WRONG
// looks like: momentum_reversed
#include "right/batch_norm_parts.h"

using namespace right;

namespace {

struct Mine : Usual {
  static double momentum(double given) { return 1 - given; }
};

}  // namespace

int refloop_batch_norm2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, DLTensor* running_mean,
                         DLTensor* running_var, const refloop_batch_norm_params* p, DLTensor* output) {
  return batch_norm<Mine>(input, weight, bias, running_mean, running_var, p, output);
}
