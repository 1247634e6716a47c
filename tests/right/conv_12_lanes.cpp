// says: adds in twelve lanes by turns, which are added from the last to the first
// source: own
// verdict: EXACT
#include "right/sums.h"

using namespace right;

int refloop_conv1d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<Lanes<12>::Sum>(input, weight, bias, p, output);
}
int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<Lanes<12>::Sum>(input, weight, bias, p, output);
}
int refloop_conv3d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  return conv_of_any<Lanes<12>::Sum>(input, weight, bias, p, output);
}
