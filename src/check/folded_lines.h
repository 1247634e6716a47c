// Text in lines that fit a page.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace refloop {

/// The text broken at blanks into lines of at most `width`; a word that is wider has a line of its own.
std::vector<std::string> folded_lines(std::string_view text, std::size_t width);

}  // namespace refloop
