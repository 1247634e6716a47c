// Which known mistakes a failure looks like.
#include <fmt/format.h>

#include "check/diagnosis.h"
#include "check/differences.h"
#include "check/judging.h"
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

namespace {

/// `7 of 100 runs of it fail`.
std::string failure_rate(const Case& c, const Subject& subject, const Stop& stop) {
  constexpr int most_runs = 100;
  Prepared prepared(c);
  int runs = 0, failed = 0;
  for (; runs < most_runs && !stop(); ++runs) {
    failed += fails(judge(prepared, subject, Digests::where_it_fails).verdict) ? 1 : 0;
  }
  return fmt::format("{} of {} runs of it fail", failed, runs);
}

/// Of an outcome that is wrong as it stands: what would have to be declared for it to be right, or nothing. Subnormals
/// first: they are less than any transform may lose. That loses something in many places: a single element is no hint.
std::string missing_declaration(const Result& failure, Prepared& prepared, const Subject& subject,
                                const Outcome& outcome) {
  Subject flushing = subject;
  flushing.declared.flushes_subnormals = true;
  if (prepared.subject_case().data == Data::special && !subject.declared.flushes_subnormals) {
    Result flushed;
    flushed.subject_case = prepared.subject_case();
    judge_without_order(flushed, prepared, flushing, outcome.outputs, true);
    if (passes(flushed.verdict)) {
      return "right where subnormal numbers may be taken for zero: declare it with --flushes-subnormals";
    }
  }
  if (failure.differing == 1 && failure.compared > 1) return {};
  const Algorithm* const fits = undeclared_algorithm(prepared, subject.declared, outcome.outputs);
  if (fits == nullptr) return {};
  return fmt::format("within what {} may lose: declare it with {}", fits->says, fits->declare);
}

}  // namespace

void diagnose(Result& failure, const Subject& subject, const Stop& stop) {
  if (failure.verdict == Verdict::hung) return;  // each step would take the whole time limit
  if (subject.answers_once) return explain(failure, subject);
  if (failure.verdict == Verdict::unstable) {
    failure.reason += "; " + failure_rate(failure.subject_case, subject, stop);
    return;
  }
  const Case smallest = shrink(failure.subject_case, failure.verdict, subject, stop);
  failure.smallest = to_text(smallest);
  failure.reproduced = judge(smallest, subject).verdict == failure.verdict;
  explain(failure, subject);
  if (!failure.reproduced) return;
  failure.matters = what_matters(smallest, failure.subject_case, failure.verdict, subject, stop);
  if (failure.verdict == Verdict::wrong) failure.picture = picture_of(smallest, subject);
}

void explain(Result& failure, const Subject& subject) {
  failure.explained_by = identify(failure, subject);
  const Case& c = failure.subject_case;
  constexpr Index most_work = Index{1} << 24;  // beyond, the bounds of all algorithms take too long
  if (failure.verdict != Verdict::wrong || subject.order(c) != nullptr || c.family->work(c) > most_work) return;
  Prepared prepared(c);
  const Outcome outcome = run_caught(subject, c, prepared.inputs());
  if (outcome.instead != Verdict::exact || !are_readable(c.family->outputs(c), outcome.outputs)) return;
  failure.declare = missing_declaration(failure, prepared, subject, outcome);
}

}  // namespace refloop
