#include "teach/source_text.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

#include "refloop/error.h"

namespace refloop::teach {
namespace {

std::string without_spaces(std::string_view text) {
  std::string kept;
  std::copy_if(text.begin(), text.end(), std::back_inserter(kept), [](char c) { return c != ' ' && c != '\n'; });
  return kept;
}

TEST(SourceText, CutsWholeFunctionsOutOfTheEmbeddedFiles) {
  const std::string text = function_text("src/kernels/conv_loops.h", "conv_loops");
  EXPECT_TRUE(text.starts_with("template <class Sum, std::size_t Rank>\nvoid conv_loops(")) << text;
  EXPECT_TRUE(text.ends_with("\n}\n")) << text;
  EXPECT_EQ(std::count(text.begin(), text.end(), '{'), std::count(text.begin(), text.end(), '}'));
  EXPECT_EQ(text.find("conv_channels_last"), std::string::npos);
}

TEST(SourceText, TakesMembersOutOfTheirClass) {
  const std::string text = function_text("include/refloop/window.h", "output_extents");
  EXPECT_TRUE(text.starts_with("/// ")) << text;
  EXPECT_TRUE(text.ends_with("\n  return output;\n}\n")) << text;
}

TEST(SourceText, RefusesWhatIsNotThere) {
  EXPECT_THROW(function_text("src/kernels/plane.cpp", "convolve3d"), Error);
  EXPECT_THROW(function_text("src/kernels/plain.cpp", "convolve2d"), Error);
}

TEST(SourceText, FoldingChangesNothingButLineEnds) {
  for (const auto& [path, function] : {std::pair{"src/kernels/plane.cpp", "convolve2d"},
                                       std::pair{"src/kernels/batch_norm_loops.h", "batch_norm_loops"}}) {
    const std::string text = function_text(path, function);
    const std::string folded = folded_code(text, 60);
    EXPECT_EQ(without_spaces(folded), without_spaces(text));
    std::istringstream lines(folded);
    for (std::string line; std::getline(lines, line);) EXPECT_LE(line.size(), 60U) << line;
  }
}

TEST(SourceText, FoldsWhereTheCodeIsLeastNested) {
  EXPECT_EQ(folded_code("  for (auto& at : all) output(n, c, at) = f(n, c, at);\n", 40),
            "  for (auto& at : all)\n"
            "      output(n, c, at) = f(n, c, at);\n");
  EXPECT_EQ(folded_code("void f(const View<T, 2>& input, const View<T, 2>& output) {\n", 40),
            "void f(const View<T, 2>& input,\n"
            "    const View<T, 2>& output) {\n");
  EXPECT_EQ(folded_code("  sum.add(weight, value);  // why it is so\n", 30),
            "  // why it is so\n"
            "  sum.add(weight, value);\n");
}

}  // namespace
}  // namespace refloop::teach
