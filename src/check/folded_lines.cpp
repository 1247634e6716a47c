#include "check/folded_lines.h"

#include <algorithm>

namespace refloop {

std::vector<std::string> folded_lines(std::string_view text, std::size_t width) {
  std::vector<std::string> lines(1);
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    std::string& line = lines.back();
    if (line.empty()) {
      line = text.substr(0, end);
    } else if (line.size() + 1 + end > width) {
      lines.emplace_back(text.substr(0, end));
    } else {
      line += " " + std::string(text.substr(0, end));
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

}  // namespace refloop
