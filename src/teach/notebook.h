// The lesson: a notebook on convolution, pooling and batch norm, in its order, each number computed as it is shown.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "teach/lesson.h"

namespace refloop::teach {

struct Chapter {
  std::string_view name, title;
  void (*tell)(Lesson&);
};

/// In the order of the notebook.
std::span<const Chapter> chapters();

/// The chapter of that name; Error with the list of them where there is none.
const Chapter& chapter(std::string_view name);

/// What the lesson is, and how to read it; goes before its first chapter.
void tell_introduction(Lesson& lesson);

/// Its heading, then what it tells.
void tell(const Chapter& chapter, Lesson& lesson);

}  // namespace refloop::teach
