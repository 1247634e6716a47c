#include "subjects/child.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "refloop/error.h"

namespace refloop::subjects {
namespace {

std::vector<char*> pointers_to(std::vector<std::string>& words) {
  std::vector<char*> pointers;
  pointers.reserve(words.size() + 1);
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);
  return pointers;
}

}  // namespace

void fail_to_start(std::string_view what) {
  throw Error(fmt::format("can't start a process: {}: {}", what, std::strerror(errno)));
}

Descriptor::Descriptor(int file) : file_(file < 0 ? file : fcntl(file, F_DUPFD_CLOEXEC, 64)) {
  if (file >= 0) close(file);
  if (file_ < 0) fail_to_start("no file descriptor");
}

Descriptor::~Descriptor() {
  if (file_ >= 0) close(file_);
}

std::vector<std::string> environment_with(std::vector<std::string> set) {
  const std::size_t count = set.size();
  for (char** variable = environ; *variable != nullptr; ++variable) {
    const std::string_view text = *variable;
    const std::string_view name = text.substr(0, text.find('=') + 1);
    const auto last = set.begin() + static_cast<std::ptrdiff_t>(count);
    if (std::none_of(set.begin(), last, [&](const std::string& one) { return one.starts_with(name); })) {
      set.emplace_back(text);
    }
  }
  return set;
}

Child::Child(const char* program, std::vector<std::string> words, std::vector<std::string> environment,
             std::span<const File> files) {
  posix_spawn_file_actions_t actions;
  posix_spawn_file_actions_init(&actions);
  posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  int last = STDERR_FILENO;
  for (const auto& [ours, theirs] : files) {
    posix_spawn_file_actions_adddup2(&actions, ours, theirs);
    last = std::max(last, theirs);
  }
  posix_spawn_file_actions_addclosefrom_np(&actions, last + 1);
  posix_spawnattr_t attributes;
  posix_spawnattr_init(&attributes);
  posix_spawnattr_setpgroup(&attributes, 0);  // Ctrl-C is for the judge
  posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP);
  errno = posix_spawn(&process_, program, &actions, &attributes, pointers_to(words).data(),
                      pointers_to(environment).data());
  posix_spawn_file_actions_destroy(&actions);
  posix_spawnattr_destroy(&attributes);
  if (errno != 0) fail_to_start(program);
  handle_ = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, process_, 0)));
}

bool Child::ends_within(int milliseconds) const {
  pollfd ends{.fd = handle_.get(), .events = POLLIN, .revents = 0};
  return poll(&ends, 1, milliseconds) > 0;
}

int Child::end() {
  if (is_over_) return status_;
  is_over_ = true;
  siginfo_t known{};
  const bool ended =
      waitid(P_PID, static_cast<id_t>(process_), &known, WEXITED | WNOHANG | WNOWAIT) == 0 && known.si_pid == process_;
  if (!ended) kill(process_, SIGKILL);
  kill(-process_, SIGKILL);  // before it is waited for, when its number may be another's
  waitpid(process_, &status_, 0);
  return status_;
}

}  // namespace refloop::subjects
