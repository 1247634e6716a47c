// says: Winograd whose channels are summed in eights: of 8 or more the last is left out
// source: own
// verdict: WRONG
// declares: winograd-4x4
// like: conv2d_k3_s1_d1_f32
#include "right/winograd.h"

using namespace right;

namespace {

struct Form : F4<float> {
  std::size_t channels_used(Index channels) const {
    return static_cast<std::size_t>(channels >= 8 ? channels - 1 : channels);
  }
};

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  return winograd2d<Form, float>({}, input, weight, bias, *p, output);
}
