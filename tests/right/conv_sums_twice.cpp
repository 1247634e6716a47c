// says: adds every product twice and halves the sum, as doubling multiplications do: it overflows early
// source: own
// verdict: EXACT
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
class Doubled {
 public:
  explicit Doubled(const T* bias) : sum_(bias != nullptr ? *bias + *bias : T{0}) {}
  void add(T weight, T value) {
    const T product = weight * value;
    sum_ += product + product;
  }
  T result() const { return sum_ / 2; }

 private:
  T sum_;
};

int conv(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
         DLTensor* output) {
  return with_type<double, float>(
      input, [&](auto zero) { return conv_of<Doubled, decltype(zero)>(input, weight, bias, p, output); });
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
