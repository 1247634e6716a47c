// A process that somebody's kernel runs in: in a group of its own, and ended with all that it started.
#pragma once

#include <sys/types.h>

#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace refloop::subjects {

/// Raises Error: a process can't be started for want of `what`, with what errno says.
[[noreturn]] void fail_to_start(std::string_view what);

/// A file descriptor of ours, which no child inherits.
class Descriptor {
 public:
  Descriptor() = default;
  /// Out of the way of those that a child gets by number. Raises Error where there is none.
  explicit Descriptor(int file);
  ~Descriptor();
  Descriptor(Descriptor&& other) noexcept : file_(std::exchange(other.file_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(file_, other.file_);
    return *this;
  }
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return file_; }

 private:
  int file_ = -1;
};

/// This process' environment with those variables (`NAME=value`) set.
std::vector<std::string> environment_with(std::vector<std::string> set);

class Child {
 public:
  struct File {
    int ours, theirs;
  };

  /// It has these files and no others; its standard input is empty where none is given. Raises Error where it can't be
  /// started.
  Child(const char* program, std::vector<std::string> words, std::vector<std::string> environment,
        std::span<const File> files);
  ~Child() { end(); }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  pid_t id() const { return process_; }
  /// Readable when it has ended.
  int handle() const { return handle_.get(); }
  /// Whether it ends by itself within so many milliseconds.
  bool ends_within(int milliseconds) const;

  bool is_over() const { return is_over_; }
  /// Ends it and all that it started, if it still runs, and gives what waitpid said.
  int end();

 private:
  pid_t process_ = -1;
  Descriptor handle_;
  bool is_over_ = false;
  int status_ = 0;
};

}  // namespace refloop::subjects
