// says: adds in three lanes by turns, which are added at the end
// source: https://github.com/google/XNNPACK/blob/master/src/f32-dwconv2d-chw/3x3p1-scalar.c.in
// verdict: EXACT
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
class ThreeLanes {
 public:
  explicit ThreeLanes(const T* bias) {
    if (bias != nullptr) lanes_[0] = *bias;
  }
  void add(T weight, T value) {
    lanes_[next_] += weight * value;
    next_ = (next_ + 1) % 3;
  }
  T result() const { return lanes_[0] + lanes_[1] + lanes_[2]; }

 private:
  T lanes_[3] = {};
  int next_ = 0;
};

}  // namespace

int refloop_conv1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<ThreeLanes>(input, weight, bias, p, output);
}
int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<ThreeLanes>(input, weight, bias, p, output);
}
int refloop_conv3d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<ThreeLanes>(input, weight, bias, p, output);
}
