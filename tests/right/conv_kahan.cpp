// says: carries what every addition loses into the next (Kahan)
// source: Kahan, "Further remarks on reducing truncation errors", CACM 8 (1965) 40
// verdict: EXACT
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
class Kahan {
 public:
  explicit Kahan(const T* bias) : sum_(bias != nullptr ? *bias : T{0}) {}
  void add(T weight, T value) {
    const T term = weight * value - lost_;
    const T next = sum_ + term;
    lost_ = (next - sum_) - term;
    sum_ = next;
  }
  T result() const { return sum_; }

 private:
  T sum_, lost_ = 0;
};

int conv(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
         DLTensor* output) {
  return with_type<double, float>(
      input, [&](auto zero) { return conv_of<Kahan, decltype(zero)>(input, weight, bias, p, output); });
}

}  // namespace

int refloop_conv1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv(input, weight, bias, p, output);
}
int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv(input, weight, bias, p, output);
}
int refloop_conv3d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv(input, weight, bias, p, output);
}
