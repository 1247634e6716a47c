// How batch norm kernels are known to go wrong.
#pragma once

#include <span>

#include "refloop/check.h"

namespace refloop {

extern const std::span<const Mistake> batch_norm_mistakes;

}  // namespace refloop
