// How pooling kernels are known to go wrong.
#pragma once

#include <span>

#include "refloop/check.h"

namespace refloop {

extern const std::span<const Mistake> max_pool_mistakes, min_pool_mistakes, avg_pool_mistakes;

}  // namespace refloop
