// A function of the program itself as a subject (refloop/callable.h). A worker is the same program started anew, and
// finds the function where it lies in its file.
#pragma once

#include <chrono>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "check/suite.h"
#include "refloop/callable.h"
#include "subjects/kernels.h"

namespace refloop {

/// What is said of a kernel.
struct Callable::Said {
  Pattern signature{};  // of the cases that it can be given
  Adapter adapter = nullptr;
  Function kernel = nullptr;
  Own own{};
  std::string name{};
  std::vector<Pattern> takes{};  // none: what the signature says
  bool in_process = false;
  std::optional<std::pair<int, int>> at_once{};
  const Way* order = nullptr;
  Declared declared{};
  Layouts layouts{};
  std::chrono::milliseconds time_limit{10'000};
};

namespace subjects {

/// In the worker: the words are the operator, where adapter and kernel lie, and how many threads call it at once.
Kernels load_callable(std::span<const std::string> words);

}  // namespace subjects
}  // namespace refloop
