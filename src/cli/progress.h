// How far long work has come: on a terminal, and nowhere else.
#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

namespace refloop::cli {

/// One line on stderr that is written over: done/total, cases per second, failures so far.
class Progress {
 public:
  /// Of so many cases; 0 where nobody knows. `word` is what failures are called.
  explicit Progress(std::uint64_t total, std::string_view word = "failed");
  ~Progress();
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;
  void count(std::uint64_t done, std::uint64_t failures);
  /// Takes the line away, so that something else can be printed.
  void clear();

 private:
  void show();

  using Clock = std::chrono::steady_clock;
  std::uint64_t total_, done_ = 0, failures_ = 0;
  std::string_view word_;
  Clock::time_point start_ = Clock::now(), shown_ = start_;
  bool visible_;
};

}  // namespace refloop::cli
