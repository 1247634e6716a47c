#include "parity/torch_tensors.h"

#include <algorithm>
#include <iterator>
#include <memory>
#include <string>

#include "refloop/error.h"

namespace refloop::parity {
namespace {

// In the order of DType.
constexpr torch::ScalarType scalar_types[] = {torch::kFloat64, torch::kFloat32, torch::kInt64, torch::kInt32,
                                              torch::kInt16,   torch::kInt8,    torch::kUInt8};
static_assert(std::size(scalar_types) == std::size(dtype_terms));

}  // namespace

torch::Tensor as_torch(const AnyTensor& tensor) {
  const auto options = torch::TensorOptions().dtype(scalar_types[static_cast<std::size_t>(tensor.dtype)]);
  return torch::from_blob(tensor.data, tensor.shape, tensor.strides, options);
}

torch::Tensor as_torch(Tensors tensors, std::string_view name) {
  const AnyTensor* const found = find(tensors, name);
  return found == nullptr ? torch::Tensor() : as_torch(*found);
}

std::string first_line(const std::exception& error) {
  const std::string text = error.what();
  return text.substr(0, text.find('\n'));
}

AnyTensor from_torch(std::string_view name, const torch::Tensor& tensor) {
  const auto* const type = std::find(std::begin(scalar_types), std::end(scalar_types), tensor.scalar_type());
  if (type == std::end(scalar_types)) throw Error(std::string("LibTorch gave ") + toString(tensor.scalar_type()));
  const auto owner = std::make_shared<torch::Tensor>(tensor);
  return {name,
          static_cast<DType>(type - std::begin(scalar_types)),
          tensor.sizes().vec(),
          tensor.strides().vec(),
          owner,
          owner->data_ptr()};
}

}  // namespace refloop::parity
