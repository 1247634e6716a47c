// says: the output transform of one publication with the other transforms of another: one sign is wrong
// source: andravin/wincnn#21
// verdict: WRONG
// declares: winograd-2x2
// like: conv2d_k3_s1_d1_f32
#include "right/winograd.h"

using namespace right;

namespace {

struct Form : F2<float> {
  Form() { a.at[1][3] = 1; }
};

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  return winograd2d<Form, float>({}, input, weight, bias, *p, output);
}
