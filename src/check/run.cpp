// Many cases, some subjects, several threads.
#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "check/invariance.h"
#include "refloop/check.h"

namespace refloop {
namespace {

/// Calls `work(number)` for 0 to count - 1 on so many threads. What one of them raises ends the others, and is raised.
template <class Work>
void side_by_side(int jobs, std::size_t count, Work&& work) {
  std::atomic<std::size_t> next = 0;
  std::mutex failing;
  std::exception_ptr failure;
  const auto loop = [&] {
    try {
      for (std::size_t number = next++; number < count; number = next++) work(number);
    } catch (...) {
      const std::lock_guard lock(failing);
      failure = std::current_exception();
      next = count;
    }
  };
  {
    std::vector<std::jthread> helpers;
    for (int job = 1; job < jobs && static_cast<std::size_t>(job) < count; ++job) helpers.emplace_back(loop);
    loop();
  }
  if (failure) std::rethrow_exception(failure);
}

/// So many cases for each thread are drawn together, and of those so much work is judged together: a subject may set
/// what holds for the whole process, so that threads work on one subject at a time.
constexpr std::uint64_t drawn_by_each = 32;
constexpr Index most_work = 100'000'000;

struct Drawn {
  std::uint64_t number = 0;
  std::optional<Prepared> prepared;
};

void judge_together(std::span<Drawn> drawn, std::span<const Subject> subjects, const RunOptions& options) {
  std::vector<std::optional<Result>> results(drawn.size() * subjects.size());
  for (std::size_t at = 0; at < subjects.size(); ++at) {
    side_by_side(options.jobs, drawn.size(), [&](std::size_t which) {
      auto& [number, prepared] = drawn[which];
      if (options.is_for && !options.is_for(prepared->subject_case(), at, number)) return;
      if (options.stop()) return;
      Result result = options.invariance ? judge_invariance(*prepared, subjects[at])
                                         : judge(*prepared, subjects[at], options.digests);
      result.number = number;
      results[which * subjects.size() + at] = std::move(result);
    });
  }
  for (const auto& result : results) {
    if (result && options.on_result) options.on_result(*result);
  }
}

}  // namespace

void run(std::uint64_t count, const CaseAt& case_at, std::span<const Subject> subjects, const RunOptions& options) {
  const std::uint64_t together = drawn_by_each * static_cast<std::uint64_t>(options.jobs);
  for (std::uint64_t first = 0; first < count && !options.stop(); first += together) {
    std::vector<Drawn> drawn(std::min(together, count - first));
    side_by_side(options.jobs, drawn.size(), [&](std::size_t which) {
      drawn[which] = {first + which, options.stop() ? std::nullopt : case_at(first + which)};
    });
    std::erase_if(drawn, [](const Drawn& one) { return !one.prepared; });

    for (std::span<Drawn> rest = drawn; !rest.empty();) {
      Index work = 0;
      std::size_t some = 0;
      while (some < rest.size() && (some == 0 || work < most_work)) {
        const Case& c = rest[some++].prepared->subject_case();
        work += c.family->work(c);
      }
      judge_together(rest.first(some), subjects, options);
      for (Drawn& done : rest.first(some)) done.prepared.reset();
      rest = rest.subspan(some);
    }
  }
}

std::vector<Result> run(std::span<const Case> cases, const Subject& subject, RunOptions options) {
  std::vector<Result> results;
  results.reserve(cases.size());
  options.on_result = [&results, tell = options.on_result](const Result& result) {
    results.push_back(result);
    if (tell) tell(result);
  };
  const auto case_at = [&](std::uint64_t number) { return std::optional<Prepared>(cases[number]); };
  run(cases.size(), case_at, std::span(&subject, 1), options);
  return results;
}

}  // namespace refloop
