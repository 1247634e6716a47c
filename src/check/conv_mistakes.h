// How convolution kernels are known to go wrong.
#pragma once

#include <span>

#include "refloop/check.h"

namespace refloop {

extern const std::span<const Mistake> conv_mistakes;

}  // namespace refloop
