// says: multiplies and adds f64 in f32, as it declares
// source: kernels as people write them
// verdict: EXACT
// declares: arithmetic f32
// like: conv2d_f64
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
class InFloat {
 public:
  explicit InFloat(const T* bias) : sum_(bias != nullptr ? static_cast<float>(*bias) : 0) {}
  void add(T weight, T value) { sum_ += static_cast<float>(weight) * static_cast<float>(value); }
  T result() const { return static_cast<T>(sum_); }

 private:
  float sum_;
};

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 64)) return REFLOOP_UNSUPPORTED;
  return conv_of<InFloat, double>(input, weight, bias, p, output);
}
