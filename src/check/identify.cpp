// Which known mistakes a failure looks like.
#include "check/diagnosis.h"
#include "check/ways.h"

namespace refloop {

std::vector<std::string> identify(const Result& failure, const Subject& subject) {
  std::vector<std::string> names;
  if (failure.verdict != Verdict::wrong) return names;
  const Case& c = failure.subject_case;
  const Way* const promised = subject.order(c);
  const Way& right = promised == nullptr ? *contract(c) : *promised;
  Prepared prepared(c);
  if (digest(prepared.expected(right)) == failure.bits) return names;  // other NaNs: no mistake explains those
  for (const Way& mistake : c.family->mistakes) {
    if (digest(outputs_of(mistake, c, right, prepared.inputs())) == failure.bits) names.emplace_back(mistake.name);
  }
  return names;
}

void diagnose(Result& failure, const Subject& subject) {
  const Case smallest = shrink(failure.subject_case, failure.verdict, subject);
  failure.smallest = to_text(smallest);
  failure.reproduced = judge(smallest, subject).verdict == failure.verdict;
  explain(failure, subject);
}

void explain(Result& failure, const Subject& subject) {
  failure.explained_by = identify(failure, subject);
}

}  // namespace refloop
