// says: adds from the first product on, not from 0: a sum of nothing but -0 stays -0
// source: https://github.com/google/XNNPACK/blob/master/src/f32-dwconv2d-chw/3x3p1-scalar.c.in
// verdict: EXACT
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
class FromFirst {
 public:
  explicit FromFirst(const T* bias) : sum_(bias != nullptr ? *bias : T{0}), empty_(bias == nullptr) {}
  void add(T weight, T value) {
    sum_ = empty_ ? weight * value : sum_ + weight * value;
    empty_ = false;
  }
  T result() const { return sum_; }

 private:
  T sum_;
  bool empty_;
};

}  // namespace

int refloop_conv1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<FromFirst>(input, weight, bias, p, output);
}
int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<FromFirst>(input, weight, bias, p, output);
}
int refloop_conv3d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<FromFirst>(input, weight, bias, p, output);
}
