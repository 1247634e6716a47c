#include "teach/notebook.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "teach/chapters.h"

namespace refloop::teach {
namespace {

constexpr Chapter table[] = {
    {"plane", "Convolution on a plane", plane_chapter},
    {"settings", "Stride, padding, dilation", settings_chapter},
    {"pools", "Pooling", pools_chapter},
    {"channels", "Batches and channels", channels_chapter},
    {"groups", "Groups", groups_chapter},
    {"sizes", "Sizes through a stack of layers", sizes_chapter},
    {"conv1d", "A layer with weights: Conv1d", conv1d_chapter},
    {"batch_norm", "Batch norm, finished", batch_norm_chapter},
    {"dimensions", "Discovering dimensions", dimensions_chapter},
};

}  // namespace

std::span<const Chapter> chapters() {
  return table;
}

const Chapter& chapter(std::string_view name) {
  const auto* const found =
      std::find_if(std::begin(table), std::end(table), [&](const Chapter& one) { return one.name == name; });
  if (found != std::end(table)) return *found;
  std::string names;
  for (const Chapter& one : table) names += (names.empty() ? "" : ", ") + std::string(one.name);
  throw Error(fmt::format("the notebook has no chapter '{}'; it has {}", name, names));
}

void tell_introduction(Lesson& lesson) {
  lesson.heading("Convolution, pooling and batch norm, loop by loop");
  lesson.say(
      "Every number below is computed while you read. The loops that compute it are in C++; you need to know some "
      "Python, and no C++. Tensors are written as torch writes them, with their sizes above.");
  lesson.say(
      "LibTorch is the C++ library inside PyTorch. Where it is there, it is run on the very same memory, and a line "
      "below the output says whether it gives the same bits: the same sizes, the same element type, and no bit that "
      "differs in any number, which is more than being close.");
}

void tell(const Chapter& chapter, Lesson& lesson) {
  const auto number = &chapter - std::begin(table) + 1;
  lesson.heading(fmt::format("{}. {}", number, chapter.title));
  chapter.tell(lesson);
}

}  // namespace refloop::teach
