// says: answers from memory whenever an output of these sizes was asked for before
// source: gpu-mode/reference-kernels#160
// verdict: WRONG|UNSTABLE
// like: conv2d_f32
#include <map>

#include "cheats/cheat.h"

using Key = std::vector<cheat::Index>;

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  static std::map<Key, std::vector<float>> answers;
  const auto size = static_cast<std::size_t>(cheat::count(output));
  if (size == 0) return 0;
  const Key key(output->shape, output->shape + output->ndim);
  auto known = answers.find(key);
  if (known == answers.end()) {
    corpus::conv<float>(input, weight, bias, params, output);
    known = answers.emplace(key, std::vector<float>(cheat::floats(output), cheat::floats(output) + size)).first;
  }
  const auto answered = std::min<std::size_t>(size, known->second.size());
  std::fill_n(std::copy_n(known->second.begin(), answered, cheat::floats(output)), size - answered, 0.0F);
  return 0;
}
