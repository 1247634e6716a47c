// says: inputs and weights are cut to 11 significand bits, as it declares; the bias is not
// source: https://docs.nvidia.com/cuda/parallel-thread-execution, mma with .tf32 operands
// verdict: EXACT
// declares: arithmetic tf32
// like: conv2d_f32
#include <cstring>

#include "right/parts.h"

using namespace right;

namespace {

float cut(float value) {
  std::uint32_t bits = 0;
  std::memcpy(&bits, &value, sizeof bits);
  bits &= 0xFFFFE000U;
  std::memcpy(&value, &bits, sizeof value);
  return value;
}

template <class T>
class Cut {
 public:
  explicit Cut(const T* bias) : sum_(bias != nullptr ? *bias : T{0}) {}
  void add(T weight, T value) { sum_ += cut(weight) * cut(value); }
  T result() const { return sum_; }

 private:
  T sum_;
};

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  return conv_of<Cut, float>(input, weight, bias, p, output);
}
