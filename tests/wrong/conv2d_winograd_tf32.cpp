// says: Winograd whose transformed data are rounded to 11 bits, as a matrix unit takes them
// source: ml-explore/mlx#4242
// verdict: WRONG
// declares: winograd-4x4
// like: conv2d_k3_s1_d1_f32
#include <cstring>

#include "right/winograd.h"

using namespace right;

namespace {

struct Form : F4<float> {
  float kept(float value) const {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    bits = (bits + 0x1000U) & 0xFFFFE000U;
    std::memcpy(&value, &bits, sizeof bits);
    return value;
  }
};

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  return winograd2d<Form, float>({}, input, weight, bias, *p, output);
}
