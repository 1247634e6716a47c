// A process that runs a kernel, so that the judging process never does. It is this program started anew, with no lock,
// no thread pool and no expected value inherited; it takes thousands of calls over shared memory, and whatever the
// kernel does to it, the call has an outcome.
//
// Around each tensor stand canaries up to pages that nobody may touch; inputs are read-only, and outputs become so when
// the call returns.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "refloop/check.h"

namespace refloop::subjects {

struct WorkerOptions {
  std::string library;                           // path of the shared library
  int threads = 1;                               // OMP_NUM_THREADS, which is read when a library is loaded
  std::chrono::milliseconds time_limit{10'000};  // of one call
  bool sandbox = false;                          // no files, no programs, no tracing (libseccomp)
};

/// How a tensor lies among the guards.
enum class Place : std::uint8_t {
  at_the_end,    // begins at 64 bytes; where its size is a multiple of 64 it ends at a guard page, so that one step
                 // further is a fault
  flush_end,     // ends at a guard page whatever its size, and may begin anywhere
  at_the_start,  // begins at a guard page's end
};

class Worker {
 public:
  /// Starts the process and has it load the library. Raises Error where that can't be, with what happened.
  explicit Worker(const WorkerOptions& options);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// The operators (conv2d, ...) that the library exports.
  const std::set<std::string>& operators() const { return operators_; }

  /// Has the library compute the case. A process that died on an earlier call is started anew. Raises Error where that
  /// can't be.
  Outcome run(const Case& c, Tensors inputs, Place place);

 private:
  class Process;
  WorkerOptions options_;
  std::set<std::string> operators_;
  std::unique_ptr<Process> process_;
};

/// For the `main` of a program that starts workers, before anything else: where the arguments say that this process is
/// one, serves, and gives its exit status.
std::optional<int> serve_if_worker(int count, char** arguments);

}  // namespace refloop::subjects
