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

bool keeps_order(const Family& family, const Subject& subject) {
  constexpr std::uint64_t trials = 200;
  for (std::uint64_t index = 0; index < trials; ++index) {
    Case c = sample(family, 0, index);
    c.data = Data::real;
    c.layout = Layout::dense;
    for (const DType dtype : {DType::f32, DType::f64}) {
      c.dtype = dtype;
      const Verdict verdict = judge(c, subject).verdict;
      if (fails(verdict)) return false;
    }
  }
  return true;
}

}  // namespace refloop
