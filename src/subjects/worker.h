// A process that runs a kernel, so that the judging process never does. It is this program started anew, with no lock,
// no thread pool and no expected value inherited; it takes thousands of calls over shared memory, and whatever the
// kernel does to it, the call has an outcome.
//
// Around each tensor stand canaries up to pages that nobody may touch; inputs are read-only, and outputs become so when
// the call returns.
//
// A program that has workers is one, before its own main begins, when its arguments say so.
#pragma once

#include <chrono>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "subjects/pool.h"

namespace refloop::subjects {

/// What is the same for every process that runs a kernel.
struct ProcessOptions {
  std::chrono::milliseconds time_limit{10'000};  // of one call
  bool sandbox = false;                          // no files, no programs, no tracing (libseccomp)
  bool unaligned = false;                        // tensors end at a guard page whatever their size, and begin anywhere
};

struct WorkerOptions {
  std::vector<std::string> kernels;  // a loader's name, and its words (kernels.h)
  int threads = 1;                   // OMP_NUM_THREADS, which is read when a library is loaded
  std::chrono::milliseconds time_limit{10'000};
  bool sandbox = false;
};

class Worker : public Runner {
 public:
  /// Starts the process and has it load the kernels. Raises Error where that can't be, with what happened.
  explicit Worker(const WorkerOptions& options);
  ~Worker() override;
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  const std::set<std::string>& operators() const override { return operators_; }
  Outcome run(const Case& c, Tensors inputs, Place place) override;

 private:
  class Process;
  WorkerOptions options_;
  std::set<std::string> operators_;
  std::unique_ptr<Process> process_;
};

/// Kernels in workers, as a subject of that name. Raises Error where they can't be had.
Pool worker_pool(const std::string& name, const std::vector<std::string>& kernels, const ProcessOptions& options);

/// The worker's side, for the rest of the process' life: `words` are what the judge gave to its command line.
[[noreturn]] void serve(const std::vector<std::string>& words);

}  // namespace refloop::subjects
