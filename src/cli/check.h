// What other commands know of refloop check.
#pragma once

#include <span>
#include <string>

namespace refloop::cli {

/// The command that runs the same subject again, but for `--case TEXT`.
std::string check_command(std::span<const std::string> words);

}  // namespace refloop::cli
