// says: adds in eight lanes by turns, whose upper half is added to the lower until one is left
// source: https://github.com/Tencent/ncnn/blob/master/src/layer/x86/convolution1d_packed.h
// verdict: EXACT
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
class EightLanes {
 public:
  explicit EightLanes(const T* bias) {
    if (bias != nullptr) lanes_[0] = *bias;
  }
  void add(T weight, T value) {
    lanes_[next_] += weight * value;
    next_ = (next_ + 1) % 8;
  }
  T result() const {
    const T* const l = lanes_;
    return ((l[0] + l[4]) + (l[2] + l[6])) + ((l[1] + l[5]) + (l[3] + l[7]));
  }

 private:
  T lanes_[8] = {};
  int next_ = 0;
};

}  // namespace

int refloop_conv1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<EightLanes>(input, weight, bias, p, output);
}
int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<EightLanes>(input, weight, bias, p, output);
}
int refloop_conv3d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<EightLanes>(input, weight, bias, p, output);
}
