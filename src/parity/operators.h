// Operators that somebody's library registers with LibTorch (TORCH_LIBRARY, STABLE_TORCH_LIBRARY), as kernels. This
// header includes no torch: a worker loads the module behind it.
#pragma once

#include <span>
#include <string>

#include "subjects/kernels.h"

namespace refloop::parity {

/// `words`: the operator in LibTorch's dispatcher (namespace::name, with .overload where there are several), what it
/// may be to refloop where its own name does not say (with blanks between), the device, ARGUMENT=FIELD each, and last
/// the library's path. Without an operator it raises Error with the list of what the library registers, and gives no
/// kernels where that is nothing. Raises Error with one sentence for what can't be had or can't be called.
extern "C" void refloop_torch_operator(std::span<const std::string> words, subjects::Kernels& kernels);

}  // namespace refloop::parity
