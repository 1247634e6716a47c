#include "check/diagnoses.h"

#include "check/stopwatch.h"

namespace refloop {
namespace {

/// Shrinking runs a subject hundreds of times.
constexpr std::uint64_t most_shrunk = 100;
constexpr double most_seconds = 10, most_seconds_each = 3;

}  // namespace

void Diagnoses::add(Result& failure, const Subject& subject) {
  if (shrunk_ >= most_shrunk || seconds_ >= most_seconds || stop_()) return explain(failure, subject);
  const Stopwatch shrinking;
  diagnose(failure, subject, [&] { return stop_() || shrinking.seconds() > most_seconds_each; });
  seconds_ += shrinking.seconds();
  ++shrunk_;
}

void Diagnoses::add_known(Result& failure, const Subject& subject, const std::string& smallest) {
  if (!smallest.empty() && seconds_ < most_seconds && !stop_()) {
    const Stopwatch judging;
    if (fails(judge(parse(smallest), subject).verdict)) failure.smallest = smallest;
    seconds_ += judging.seconds();
  }
  explain(failure, subject);
}

}  // namespace refloop
