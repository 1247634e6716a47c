// Somebody else's kernel as a subject, whatever it is reached by: each case is run twice, by two processes of its own
// that differ in threads and in where the tensors lie, for as many threads as judge at once.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <utility>

#include "refloop/check.h"

namespace refloop::subjects {

/// How a tensor lies among the guards.
enum class Place : std::uint8_t {
  at_the_end,    // begins at 64 bytes; where its size is a multiple of 64 it ends at a guard page, so that one step
                 // further is a fault
  flush_end,     // ends at a guard page whatever its size, and may begin anywhere
  at_the_start,  // begins at a guard page's end
};

/// The verdict of a call that gave no outputs.
inline Outcome instead(Verdict verdict, std::string reason) {
  return {.outputs = {}, .instead = verdict, .reason = std::move(reason)};
}

/// As messages have it.
inline double seconds(std::chrono::milliseconds time) {
  return static_cast<double>(time.count()) / 1000;
}

/// A process that runs a kernel, one call at a time.
class Runner {
 public:
  virtual ~Runner() = default;
  /// conv2d, max_pool2d, ...: the operators that can be had.
  virtual const std::set<std::string>& operators() const = 0;
  /// Whatever the kernel does, the call has an outcome; a process that died on an earlier call is started anew. Raises
  /// Error where that can't be.
  virtual Outcome run(const Case& c, Tensors inputs, Place place) = 0;
};

/// Starts a process in which so many threads are to compute. Raises Error where that can't be.
using Start = std::function<std::unique_ptr<Runner>(int threads)>;

struct PoolOptions {
  bool unaligned = false;                 // tensors end at a guard page whatever their size, and begin anywhere
  int few_threads = 1, many_threads = 0;  // of the two processes; 0: as many as there are processors, and at least 2
};

/// With few threads where a step past a tensor's end is a fault, and with many where a step before its beginning is
/// one. Other bits the second time: UNSTABLE. When a few calls have not come back in time, the rest is SKIPPED.
class Pool {
 public:
  /// Starts the first process at once. Raises Error where that can't be.
  Pool(std::string name, Start start, const PoolOptions& options = {});

  const std::set<std::string>& operators() const;

  /// Promises no order of summation. May be run by several threads at once, each of which gets processes of its own. A
  /// case of an operator that is not to be had is SKIPPED.
  Subject subject() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace refloop::subjects
