// What the files of convolution share.
#pragma once

#include <span>
#include <vector>

#include "refloop/check.h"

namespace refloop {

extern const std::span<const Way> conv_mistakes;
std::vector<Sweep> conv_sweeps();

}  // namespace refloop
