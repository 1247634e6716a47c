// The layers of well-known networks, channels and planes cut down so that each takes milliseconds; kernels, strides,
// padding, dilation and the pattern of groups are theirs.
#pragma once

#include <vector>

#include "refloop/check.h"

namespace refloop {

std::vector<Case> conv_layers_of_networks();
std::vector<Case> pools_of_networks(const Family& pool);
std::vector<Case> batch_norms_of_networks();

}  // namespace refloop
