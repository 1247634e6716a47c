// says: two passes, everything in the element type, by way of 1 / n and of 1 / (n - 1)
// source: kernels as people write them
// verdict: EXACT
#include "right/batch_norm_parts.h"

using namespace right;

namespace {

struct Mine : Usual {
  template <class T>
  static Spread<T> spread(const std::vector<T>& values) {
    const auto count = static_cast<T>(values.size());
    T sum = 0, squares = 0;
    for (const T value : values) sum += value;
    const T mean = sum * (1 / count);
    for (const T value : values) squares += (value - mean) * (value - mean);
    return {mean, squares * (1 / count), squares * (1 / (count - 1))};
  }
  template <class T>
  static T inverse(T variance, double eps) {
    return 1 / std::sqrt(variance + static_cast<T>(eps));
  }
  template <class T>
  static T output(T value, T mean, T inverse, T weight, T bias) {
    return (value - mean) * inverse * weight + bias;
  }
};

}  // namespace

int refloop_batch_norm1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, DLTensor* running_mean,
                         DLTensor* running_var, const refloop_batch_norm_params* p, DLTensor* output) {
  return batch_norm<Mine>(input, weight, bias, running_mean, running_var, p, output);
}

int refloop_batch_norm2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, DLTensor* running_mean,
                         DLTensor* running_var, const refloop_batch_norm_params* p, DLTensor* output) {
  return batch_norm<Mine>(input, weight, bias, running_mean, running_var, p, output);
}

int refloop_batch_norm3d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, DLTensor* running_mean,
                         DLTensor* running_var, const refloop_batch_norm_params* p, DLTensor* output) {
  return batch_norm<Mine>(input, weight, bias, running_mean, running_var, p, output);
}
