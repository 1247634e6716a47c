// says: Winograd's F(2x2, 3x3), by its matrices; refuses other kernels, strides and dilation
// source: Lavin, Gray, "Fast algorithms for convolutional neural networks", CVPR 2016
// verdict: EXACT
// declares: winograd-2x2
// like: conv2d_k3_s1_d1
#include "right/winograd.h"

using namespace right;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return with_type<float, double>(input, [&](auto zero) {
    using T = decltype(zero);
    return winograd2d<F2<T>, T>({}, input, weight, bias, *p, output);
  });
}
