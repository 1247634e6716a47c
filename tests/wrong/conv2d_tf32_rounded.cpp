// says: operands are rounded to 10 significand bits before the product, the bias with them
// source: sonots/cumo#501
// verdict: WRONG
// looks like: rounds_to_nearest_tf32
// like: conv2d_f32
#include <algorithm>
#include <cstring>

#include "corpus/kernel.h"

using namespace corpus;

namespace {

/// A copy in the precision that the matrix unit takes.
std::vector<float> converted(const DLTensor* tensor) {
  Index size = 1;
  for (int axis = 0; axis < tensor->ndim; ++axis) size *= tensor->shape[axis];
  const auto* const from = static_cast<const float*>(tensor->data);
  std::vector<float> copy(static_cast<std::size_t>(size));
  std::transform(from, from + size, copy.begin(), [](float value) {
    std::uint32_t bits = 0;
    std::memcpy(&bits, &value, sizeof bits);
    bits = (bits + 0x1000U) & 0xFFFFE000U;
    std::memcpy(&value, &bits, sizeof bits);
    return value;
  });
  return copy;
}

}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias, const refloop_conv_params* p,
                   DLTensor* output) {
  if (!is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  std::vector<float> x = converted(input), w = converted(weight), b;
  DLTensor input_copy = *input, weight_copy = *weight, bias_copy{};
  input_copy.data = x.data();
  weight_copy.data = w.data();
  if (bias == nullptr) return conv<float>(&input_copy, &weight_copy, nullptr, p, output);
  b = converted(bias);
  bias_copy = *bias;
  bias_copy.data = b.data();
  return conv<float>(&input_copy, &weight_copy, &bias_copy, p, output);
}
