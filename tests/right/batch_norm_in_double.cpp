// says: two passes in double, rounded where they are stored
// source: kernels as people write them
// verdict: EXACT
#include "right/batch_norm_parts.h"

using namespace right;

namespace {

struct Mine : Usual {
  template <class T>
  static Spread<T> spread(const std::vector<T>& values) {
    const auto count = static_cast<double>(values.size());
    double mean = 0, squares = 0;
    for (const T value : values) mean += value / count;
    for (const T value : values) squares += (value - mean) * (value - mean);
    return {static_cast<T>(mean), static_cast<T>(squares / count), static_cast<T>(squares / (count - 1))};
  }
  template <class T>
  static T output(T value, T mean, T inverse, T weight, T bias) {
    return static_cast<T>((static_cast<double>(value) - mean) * inverse * weight + bias);
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
