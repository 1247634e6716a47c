// says: the inverse deviation is kept in half precision
// source: kernels as people write them
// verdict: WRONG
#include "right/batch_norm_parts.h"

using namespace right;

namespace {

struct Mine : Usual {
  template <class T>
  static T inverse(T variance, double eps) {
    constexpr double steps = 2048;  // a significand of 11 bits
    const double exact = 1 / std::sqrt(static_cast<double>(variance) + eps);
    int exponent = 0;
    const double significand = std::frexp(exact, &exponent);
    return static_cast<T>(std::ldexp(std::nearbyint(significand * steps) / steps, exponent));
  }
};

}  // namespace

int refloop_batch_norm2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, DLTensor* running_mean,
                         DLTensor* running_var, const refloop_batch_norm_params* p, DLTensor* output) {
  return batch_norm<Mine>(input, weight, bias, running_mean, running_var, p, output);
}
