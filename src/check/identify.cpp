// Which known mistake a failure looks like.
#include "check/diagnosis.h"
#include "check/ways.h"

namespace refloop {

std::string_view identify(const Result& failure, const Subject& subject) {
  const Case& c = failure.subject_case;
  if (failure.verdict != Verdict::wrong || !failure.first) return {};
  const Way* const promised = subject.order(c);
  const Way& right = promised == nullptr ? *contract(c) : *promised;
  const auto inputs = c.family->inputs(c);
  if (digest(outputs_of(right, c, inputs)) == failure.bits) return {};  // other NaNs: no mistake explains those
  for (const Way& mistake : c.family->mistakes) {
    if (digest(outputs_of(mistake, c, right, inputs)) == failure.bits) return mistake.name;
  }
  return {};
}

void diagnose(Result& failure, const Subject& subject) {
  failure.smallest = to_text(shrink(failure.subject_case, failure.verdict, subject));
  failure.looks_like = identify(failure, subject);
}

}  // namespace refloop
