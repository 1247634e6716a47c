// The same memory as a torch::Tensor and as an AnyTensor; and what LibTorch throws, in words.
#pragma once

#include <torch/types.h>

#include <exception>
#include <span>
#include <string>
#include <string_view>

#include "refloop/case.h"

namespace refloop::parity {

torch::Tensor as_torch(const AnyTensor& tensor);
/// The tensor of that name, or an undefined one, which is torch's word for none.
torch::Tensor as_torch(Tensors tensors, std::string_view name);

/// The first line of what LibTorch threw: the sentence, without the stack.
std::string first_line(const std::exception& error);

/// Keeps the torch::Tensor alive. A type that refloop lacks raises Error.
AnyTensor from_torch(std::string_view name, const torch::Tensor& tensor);

}  // namespace refloop::parity
