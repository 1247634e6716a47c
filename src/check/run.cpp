// Many cases, one subject, several threads.
#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <set>
#include <string>
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

namespace {

std::string summed_by(const Case& c, const Subject& subject) {
  return subject.summed_by ? subject.summed_by(c) : std::string(c.family->name) + std::to_string(c.dims) + 'd';
}

/// What sums cases of the family in another order than the subject promises, seen on random floats.
std::set<std::string> broken_promises(const Family& family, const Subject& subject) {
  constexpr std::uint64_t trials = 200;
  std::set<std::string> broken;
  for (std::uint64_t index = 0; index < trials; ++index) {
    Case c = sample(family, 0, index);
    c.data = Data::real;
    for (const DType dtype : {DType::f32, DType::f64}) {
      c.dtype = dtype;
      if (subject.order(c) == Order::any || family.exactness(c).all_orders_agree) continue;
      const std::string name = summed_by(c, subject);
      if (!name.empty() && !broken.contains(name) && fails(judge(c, subject).verdict)) broken.insert(name);
    }
  }
  return broken;
}

}  // namespace

bool keeps_order(const Family& family, const Subject& subject) {
  return broken_promises(family, subject).empty();
}

Subject with_tested_promise(const Subject& subject) {
  std::set<std::string> broken;
  for (const Family* family : families) broken.merge(broken_promises(*family, subject));
  Subject tested = subject;
  tested.broken_promises.assign(broken.begin(), broken.end());
  tested.order = [broken, subject](const Case& c) {
    return broken.contains(summed_by(c, subject)) ? Order::any : subject.order(c);
  };
  return tested;
}

}  // namespace refloop
