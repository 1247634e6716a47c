// says: eps is left out where a channel has 100 values or more
// source: own
// verdict: WRONG
// like: batch_norm2d_n4_i8_train_f32
#include "right/batch_norm_parts.h"

using namespace right;

namespace {

struct Mine : Usual {
  template <class T>
  static T inverse(T variance, double eps) {
    return static_cast<T>(1 / std::sqrt(static_cast<double>(variance) + (is_large ? 0 : eps)));
  }
  static inline bool is_large = false;
};

}  // namespace

int refloop_batch_norm2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, DLTensor* running_mean,
                         DLTensor* running_var, const refloop_batch_norm_params* p, DLTensor* output) {
  Mine::is_large = input->shape[0] * input->shape[2] * input->shape[3] >= 100;
  return batch_norm<Mine>(input, weight, bias, running_mean, running_var, p, output);
}
