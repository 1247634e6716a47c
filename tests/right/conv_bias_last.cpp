// says: adds the bias to the finished sum
// source: https://github.com/BVLC/caffe/blob/master/src/caffe/layers/conv_layer.cpp
// verdict: EXACT
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
class BiasLast {
 public:
  explicit BiasLast(const T* bias) : bias_(bias != nullptr ? *bias : T{0}) {}
  void add(T weight, T value) { sum_ += weight * value; }
  T result() const { return sum_ + bias_; }

 private:
  T bias_, sum_ = 0;
};

}  // namespace

int refloop_conv1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<BiasLast>(input, weight, bias, p, output);
}
int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<BiasLast>(input, weight, bias, p, output);
}
int refloop_conv3d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<BiasLast>(input, weight, bias, p, output);
}
