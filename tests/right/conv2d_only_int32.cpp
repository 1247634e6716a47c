// says: takes int32 alone, and wraps around
// source: https://github.com/apache/tvm/blob/main/python/tvm/topi/nn/conv2d.py
// verdict: EXACT
// like: conv2d_int32
#include "right/parts.h"

using namespace right;

namespace {

template <class T>
class Wrapping {
 public:
  explicit Wrapping(const T* bias) : sum_(bias != nullptr ? *bias : 0) {}
  void add(T weight, T value) { sum_ += weight * value; }
  T result() const { return sum_; }

 private:
  T sum_;
};

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!holds_type<std::int32_t>(output)) return REFLOOP_UNSUPPORTED;
  return conv_of<Wrapping, std::int32_t>(input, weight, bias, p, output);
}

const char* refloop_reason() {
  return "takes int32 alone";
}
