// What other commands know of refloop parity.
#pragma once

#include <string>

#include "refloop/check.h"

namespace refloop::cli {

/// The command that runs a result's subject again, but for `--case TEXT`.
std::string parity_command(const Result& result);

}  // namespace refloop::cli
