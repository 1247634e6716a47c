// The text of the loops, cut out of the files that are compiled.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace refloop::teach {

struct EmbeddedFile {
  std::string_view path, text;
};
/// Written at build time by embed.cmake.
extern const std::vector<EmbeddedFile> embedded_files;

/// The whole file. Raises Error if it is not embedded.
std::string_view file_text(std::string_view path);

/// The definition of the first function of that name in the file, from its doc comment to its closing brace.
/// Raises Error if there is none.
std::string function_text(std::string_view path, std::string_view function);

/// Lines that are wider than `width` in more lines, such that the code means the same.
std::string folded_code(std::string_view code, std::size_t width);

}  // namespace refloop::teach
