// says: keeps what every addition loses, and adds it at the end (Kahan, Babuska, Neumaier)
// source: https://github.com/JuliaMath/KahanSummation.jl/blob/master/src/KahanSummation.jl
// verdict: EXACT
// like: conv2d_f32
#include <cmath>

#include "right/parts.h"

using namespace right;

namespace {

template <class T>
class Compensated {
 public:
  explicit Compensated(const T* bias) : sum_(bias != nullptr ? *bias : T{0}) {}
  void add(T weight, T value) {
    const T term = weight * value;
    const T next = sum_ + term;
    lost_ += std::abs(sum_) >= std::abs(term) ? (sum_ - next) + term : (term - next) + sum_;
    sum_ = next;
  }
  T result() const { return sum_ + lost_; }

 private:
  T sum_, lost_ = 0;
};

int conv(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
         DLTensor* output) {
  return with_type<double, float>(
      input, [&](auto zero) { return conv_of<Compensated, decltype(zero)>(input, weight, bias, p, output); });
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
