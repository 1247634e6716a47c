#include "subjects/line.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>

namespace refloop::subjects {
namespace {

/// While it lives, this thread may write to a pipe that nobody reads, and goes on.
class NoBrokenPipe {
 public:
  NoBrokenPipe() {
    sigemptyset(&signal_);
    sigaddset(&signal_, SIGPIPE);
    pthread_sigmask(SIG_BLOCK, &signal_, &before_);
  }
  ~NoBrokenPipe() {
    constexpr timespec at_once{};
    if (sigismember(&before_, SIGPIPE) == 0) sigtimedwait(&signal_, nullptr, &at_once);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  }
  NoBrokenPipe(const NoBrokenPipe&) = delete;
  NoBrokenPipe& operator=(const NoBrokenPipe&) = delete;

 private:
  sigset_t signal_{}, before_{};
};

}  // namespace

Line::Line() {
  int ends[2];
  if (pipe2(ends, O_CLOEXEC) != 0) fail_to_start("no pipe");
  their_input_ = Descriptor(ends[0]);
  ours_out_ = Descriptor(ends[1]);
  if (pipe2(ends, O_CLOEXEC) != 0) fail_to_start("no pipe");
  ours_in_ = Descriptor(ends[0]);
  their_output_ = Descriptor(ends[1]);
  fcntl(ours_in_.get(), F_SETFL, O_NONBLOCK);
}

void Line::start() {
  their_input_ = {};
  their_output_ = {};
}

void Line::say(std::string text) const {
  const NoBrokenPipe here;
  text += '\n';
  for (std::size_t done = 0; done < text.size();) {
    const ssize_t written = write(ours_out_.get(), text.data() + done, text.size() - done);
    if (written < 0 && errno != EINTR) return;
    done += static_cast<std::size_t>(std::max<ssize_t>(written, 0));
  }
}

bool Line::read_more() {
  std::array<char, 4096> some{};
  const ssize_t got = read(ours_in_.get(), some.data(), some.size());
  if (got > 0) heard_.append(some.data(), static_cast<std::size_t>(got));
  return got > 0 || (got < 0 && (errno == EAGAIN || errno == EINTR));
}

Line::Came Line::hear(std::string& line, std::chrono::milliseconds limit) {
  constexpr std::size_t longest = 1 << 16;
  const auto deadline = std::chrono::steady_clock::now() + limit;
  for (;;) {
    const auto end = heard_.find('\n');
    if (end != std::string::npos || heard_.size() > longest) {
      line = heard_.substr(0, end);
      heard_.erase(0, end == std::string::npos ? end : end + 1);
      return Came::line;
    }
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - std::chrono::steady_clock::now());
    pollfd ready{.fd = ours_in_.get(), .events = POLLIN, .revents = 0};
    const int count = poll(&ready, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (count == 0) return Came::silence;
    if (count > 0 && !read_more()) return Came::end;
  }
}

std::string Line::beyond() {
  read_more();
  return heard_.substr(0, heard_.find('\n'));
}

}  // namespace refloop::subjects
