// says: adds in sixteen lanes by turns, as AVX-512 does, and the bias to their sum
// source: https://github.com/Tencent/ncnn/blob/master/src/layer/x86/convolution_packed.h
// verdict: EXACT
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
class SixteenLanes {
 public:
  explicit SixteenLanes(const T* bias) : bias_(bias != nullptr ? *bias : T{0}) {}
  void add(T weight, T value) {
    lanes_[next_] += weight * value;
    next_ = (next_ + 1) % 16;
  }
  T result() const {
    T folded[16];
    std::copy(lanes_, lanes_ + 16, folded);
    for (int half = 8; half > 0; half /= 2) {
      for (int lane = 0; lane < half; ++lane) folded[lane] += folded[lane + half];
    }
    return folded[0] + bias_;
  }

 private:
  T bias_;
  T lanes_[16] = {};
  int next_ = 0;
};

}  // namespace

int refloop_conv1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<SixteenLanes>(input, weight, bias, p, output);
}
int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<SixteenLanes>(input, weight, bias, p, output);
}
int refloop_conv3d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<SixteenLanes>(input, weight, bias, p, output);
}
