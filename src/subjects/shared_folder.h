// A file that a program and the judge both map, in a folder of its own. The folder goes when the judge does, even where
// that is killed.
#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>

#include "subjects/child.h"

namespace refloop::subjects {

class SharedFolder {
 public:
  /// In /dev/shm, else where temporary files go. Raises Error where neither can be.
  SharedFolder();
  ~SharedFolder() { remove(); }
  SharedFolder(const SharedFolder&) = delete;
  SharedFolder& operator=(const SharedFolder&) = delete;

  /// Where the judge ends while this lives, the folder is removed all the same, and this process group killed.
  void guard(pid_t group);
  /// With the guard.
  void remove();

  /// A file of at least so many bytes; where it must grow it is another, under another name. Raises Error where there
  /// is no room.
  void provide(std::uint64_t bytes);
  const std::string& file() const { return file_; }
  std::byte* memory() { return memory_; }
  /// False where somebody has shortened the file: its memory is gone then, and the next file is another.
  bool is_whole();

 private:
  void drop_file();

  std::string folder_, file_;
  std::byte* memory_ = nullptr;
  std::uint64_t bytes_ = 0;
  int files_ = 0;
  Descriptor descriptor_;  // of the file
  Descriptor while_open_;  // the keeper waits
  std::optional<Child> keeper_;
};

}  // namespace refloop::subjects
