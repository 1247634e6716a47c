// Many cases, one subject, several threads.
#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "refloop/check.h"

namespace refloop {

std::vector<Result> run(std::span<const Case> cases, const Subject& subject, const RunOptions& options) {
  std::vector<std::optional<Result>> results(cases.size());
  std::atomic<std::size_t> next = 0;
  std::mutex reporting;
  std::exception_ptr failure;
  const auto work = [&] {
    try {
      for (std::size_t number = next++; number < cases.size() && !options.stop(); number = next++) {
        results[number] = judge(cases[number], subject);
        if (!options.on_result) continue;
        const std::lock_guard lock(reporting);
        options.on_result(*results[number]);
      }
    } catch (...) {
      const std::lock_guard lock(reporting);
      failure = std::current_exception();
      next = cases.size();
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (int job = 1; job < options.jobs; ++job) helpers.emplace_back(work);
    work();
  }
  if (failure) std::rethrow_exception(failure);

  std::vector<Result> done;
  done.reserve(results.size());
  for (auto& result : results) {
    if (result) done.push_back(std::move(*result));
  }
  return done;
}

}  // namespace refloop
