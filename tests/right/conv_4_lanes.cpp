// says: adds in four lanes by turns, which are added crosswise, as SSE folds a register
// source: https://github.com/Tencent/ncnn/blob/master/src/layer/x86/convolution_packed.h
// verdict: EXACT
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
class FourLanes {
 public:
  explicit FourLanes(const T* bias) {
    if (bias != nullptr) lanes_[0] = *bias;
  }
  void add(T weight, T value) {
    lanes_[next_] += weight * value;
    next_ = (next_ + 1) % 4;
  }
  T result() const { return (lanes_[0] + lanes_[2]) + (lanes_[1] + lanes_[3]); }

 private:
  T lanes_[4] = {};
  int next_ = 0;
};

}  // namespace

int refloop_conv1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<FourLanes>(input, weight, bias, p, output);
}
int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<FourLanes>(input, weight, bias, p, output);
}
int refloop_conv3d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<FourLanes>(input, weight, bias, p, output);
}
