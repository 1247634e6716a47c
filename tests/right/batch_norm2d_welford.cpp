// says: updates mean and squares value by value
// source: Welford, Technometrics 4 (1962) 419
// verdict: EXACT
// declares: welford
#include "right/batch_norm_parts.h"

using namespace right;

namespace {

struct Mine : Usual {
  template <class T>
  static Spread<T> spread(const std::vector<T>& values) {
    T count = 0, mean = 0, squares = 0;
    for (const T value : values) {
      count += 1;
      const T distance = value - mean;
      mean += distance / count;
      squares += distance * (value - mean);
    }
    return {mean, squares / count, squares / (count - 1)};
  }
  template <class T>
  static T output(T value, T mean, T inverse, T weight, T bias) {
    return (value - mean) * inverse * weight + bias;
  }
};

}  // namespace

int refloop_batch_norm2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, DLTensor* running_mean,
                         DLTensor* running_var, const refloop_batch_norm_params* p, DLTensor* output) {
  return batch_norm<Mine>(input, weight, bias, running_mean, running_var, p, output);
}
