// says: sums of x and x * x in float, where the mean is large beside the deviation; it does not declare that
// source: google/flax#1491
// verdict: WRONG
// like: batch_norm2d_train_f32
#include "right/batch_norm_parts.h"

using namespace right;

namespace {

struct Mine : Usual {
  template <class T>
  static Spread<T> spread(const std::vector<T>& values) {
    const auto count = static_cast<T>(values.size());
    T sum = 0, squares = 0;
    for (std::size_t at = values.size(); at-- > 0;) {
      sum += values[at];
      squares += values[at] * values[at];
    }
    const T mean = sum / count, around = std::max(T{0}, (squares - sum * mean) / count);
    return {mean, around, around * (count / (count - 1))};
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
