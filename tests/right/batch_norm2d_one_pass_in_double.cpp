// says: sums of x and x * x in double
// source: kernels as people write them
// verdict: EXACT
// like: batch_norm2d_f32
#include "right/batch_norm_parts.h"

using namespace right;

namespace {

struct Mine : Usual {
  template <class T>
  static Spread<T> spread(const std::vector<T>& values) {
    const auto count = static_cast<double>(values.size());
    double sum = 0, squares = 0;
    for (const T value : values) {
      sum += value;
      squares += static_cast<double>(value) * value;
    }
    const double around = std::max(0.0, squares - sum * sum / count);
    return {static_cast<T>(sum / count), static_cast<T>(around / count), static_cast<T>(around / (count - 1))};
  }
};

}  // namespace

int refloop_batch_norm2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, DLTensor* running_mean,
                         DLTensor* running_var, const refloop_batch_norm_params* p, DLTensor* output) {
  return batch_norm<Mine>(input, weight, bias, running_mean, running_var, p, output);
}
