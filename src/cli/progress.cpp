#include "cli/progress.h"

#include <fmt/format.h>
#include <unistd.h>

#include "check/table.h"

namespace refloop::cli {

Progress::Progress(std::uint64_t total, std::string_view word)
    : total_(total), word_(word), visible_(isatty(STDERR_FILENO) == 1) {}

Progress::~Progress() {
  clear();
}

void Progress::count(std::uint64_t done, std::uint64_t failures) {
  done_ = done;
  failures_ = failures;
  constexpr auto pause = std::chrono::milliseconds(100);
  if (!visible_ || Clock::now() - shown_ < pause) return;
  shown_ = Clock::now();
  show();
}

void Progress::show() {
  const double seconds = std::chrono::duration<double>(Clock::now() - start_).count();
  const std::string of = total_ == 0 ? "" : "/" + with_commas(total_);
  fmt::print(stderr, "\r\x1b[K{}{} cases, {}/s, {} {}", with_commas(done_), of,
             with_commas(static_cast<std::uint64_t>(static_cast<double>(done_) / seconds)), with_commas(failures_),
             word_);
}

void Progress::clear() {
  if (visible_) fmt::print(stderr, "\r\x1b[K");
}

}  // namespace refloop::cli
