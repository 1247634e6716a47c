// A shared library behind refloop/plugin.h as a subject.
#pragma once

#include <chrono>
#include <memory>
#include <set>
#include <string>

#include "refloop/check.h"

namespace refloop::subjects {

struct LibraryOptions {
  std::chrono::milliseconds time_limit{10'000};  // of one call
  bool sandbox = false;
  bool unaligned = false;  // tensors end at a guard page whatever their size, and begin anywhere
};

/// Each case is run twice: with one thread where a step past a tensor's end is a fault, and with as many as there are
/// processors where a step before its beginning is one. Other bits the second time: UNSTABLE. When a few calls have not
/// come back in time, the rest is SKIPPED.
class Library {
 public:
  /// Raises Error where the library can't be loaded, or exports no function that is known. From here on nobody but the
  /// system's administrator may read or trace the judging process (PR_SET_DUMPABLE).
  Library(const std::string& path, const LibraryOptions& options = {});
  ~Library();

  /// conv2d, max_pool2d, ...: what it exports.
  const std::set<std::string>& operators() const;

  /// Promises no order of summation. May be run by several threads at once, each of which gets workers of its own. A
  /// case of an operator that the library does not export is SKIPPED.
  Subject subject() const;

 private:
  struct Pool;
  std::shared_ptr<Pool> pool_;
  std::string name_;
};

}  // namespace refloop::subjects
