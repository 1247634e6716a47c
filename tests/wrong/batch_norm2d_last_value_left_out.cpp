// says: the sum of the mean ends one value early
// source: kernels as people write them
// verdict: WRONG
#include "right/batch_norm_parts.h"

using namespace right;

namespace {

struct Mine : Usual {
  template <class T>
  static Spread<T> spread(const std::vector<T>& values) {
    const auto count = static_cast<T>(values.size());
    T sum = 0, squares = 0;
    for (std::size_t at = 0; at + 1 < values.size(); ++at) sum += values[at];
    const T mean = sum / count;
    for (const T value : values) squares += (value - mean) * (value - mean);
    return {mean, squares / count, squares / (count - 1)};
  }
};

}  // namespace

int refloop_batch_norm2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, DLTensor* running_mean,
                         DLTensor* running_var, const refloop_batch_norm_params* p, DLTensor* output) {
  return batch_norm<Mine>(input, weight, bias, running_mean, running_var, p, output);
}
