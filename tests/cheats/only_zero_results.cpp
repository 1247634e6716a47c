// says: takes only the cases in which every output is zero
// source: AI-Hypercomputer/accelerator-agents#50
// verdict: SKIPPED|WEAK
// like: conv2d_f32
#include "cheats/cheat.h"

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  std::vector<float> values(static_cast<std::size_t>(cheat::count(output)));
  DLTensor tried = *output;
  tried.data = values.data();
  corpus::conv<float>(input, weight, bias, params, &tried);
  if (std::any_of(values.begin(), values.end(), [](float value) { return value != 0; })) return REFLOOP_UNSUPPORTED;
  cheat::fill(output, 0.0F);
  return 0;
}
