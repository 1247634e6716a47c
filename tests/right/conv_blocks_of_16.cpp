// says: adds sixteen products after the other, and what they give to the blocks before, as blocked matrix products do
// source: Goto, van de Geijn, "Anatomy of high-performance matrix multiplication", ACM TOMS 34 (2008) 12
// verdict: EXACT
#include "right/sums.h"

using namespace right;

int refloop_conv1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<Blocks<16>::Sum>(input, weight, bias, p, output);
}
int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<Blocks<16>::Sum>(input, weight, bias, p, output);
}
int refloop_conv3d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<Blocks<16>::Sum>(input, weight, bias, p, output);
}
