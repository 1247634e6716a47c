// Words as a shell takes them.
#pragma once

#include <string>

namespace refloop {

/// The word itself, or in quotes where it holds what means something to a shell.
std::string quoted(const std::string& word);

}  // namespace refloop
