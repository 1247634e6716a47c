#include <fmt/format.h>

#include <algorithm>
#include <exception>

#include "check/differences.h"
#include "check/dispatch.h"
#include "check/judging.h"
#include "check/mix.h"
#include "check/processor_state.h"
#include "check/stopwatch.h"
#include "check/tensors.h"
#include "check/ways.h"
#include "refloop/check.h"

namespace refloop {
namespace {

bool same_bits(Tensors expected, Tensors got, bool payloads_count) {
  const auto same = [&](const AnyTensor& wanted, const AnyTensor& actual) {
    return wanted.shape == actual.shape && wanted.dtype == actual.dtype &&
           compare(wanted, actual, {.payloads = payloads_count}).differing == 0;
  };
  return std::equal(expected.begin(), expected.end(), got.begin(), got.end(), same);
}

/// A wrong result that a named bug of the subject's gives in every bit is that bug's.
void blame_bug(Result& result, const Subject& subject, const Way& right, Tensors inputs, Tensors got) {
  const Case& c = result.subject_case;
  for (const Way& bug : subject.bugs(c)) {
    if (!same_bits(outputs_of(bug, c, right, inputs), got, c.family->copies_values)) continue;
    result.verdict = Verdict::skipped;
    result.reason = bug.says;
    return;
  }
}

std::uint64_t readable_digest(Tensors outputs) {
  const bool readable =
      std::all_of(outputs.begin(), outputs.end(), [](const AnyTensor& output) { return unreadable(output).empty(); });
  return readable ? digest(outputs) : 0;
}

/// What subjects took on this thread, whoever asked.
thread_local double subject_seconds = 0;
class CountSubject {
 public:
  ~CountSubject() { subject_seconds += watch_.seconds(); }

 private:
  Stopwatch watch_;
};

/// What a subject throws is its own failure, and not the run's.
Outcome run_subject(const Subject::Run& run, const Case& c, Tensors inputs) {
  const CountSubject time;
  try {
    return run(c, inputs);
  } catch (const std::exception& error) {
    return {.outputs = {}, .instead = Verdict::crashed, .reason = fmt::format("threw: {}", error.what())};
  } catch (...) {
    return {.outputs = {}, .instead = Verdict::crashed, .reason = "threw something that is no std::exception"};
  }
}

/// Whether random sums of the channels stand for the loops.
bool is_folded(const Case& c, const Subject& subject) {
  constexpr Index large = Index{1} << 24;
  const bool is_whole = (c.data == Data::integer || c.data == Data::wide) && !is_integer_type(c.dtype);
  const Way* const promised = subject.order(c);
  if (c.family->fold == nullptr || !is_whole || !c.family->all_orders_agree(c)) return false;
  const bool is_plain = algorithm_of(c, subject.declared) == c.family->algorithms.data();
  if (!is_plain || (promised != contract(c) && (promised != nullptr || subject.declared.exact_only))) return false;
  const Fold asked = subject.declared.fold;
  return asked == Fold::always || (asked == Fold::large && c.family->work(c) >= large);
}

/// Cases that run again though nothing is wrong: one in so many, by the hash of their texts.
constexpr std::uint64_t one_looked_at_again_in = 16;

/// Runs the subject once more, elsewhere in memory. With other bits than before it is UNSTABLE.
void look_again(Result& result, Prepared& prepared, const Subject& subject, Tensors got) {
  if (readable_digest(got) == 0) return;
  std::vector<AnyTensor> elsewhere;
  for (const AnyTensor& input : prepared.inputs()) elsewhere.push_back(copy(input));
  const Outcome again = run_caught(subject, result.subject_case, elsewhere);
  if (again.instead == Verdict::skipped) return;  // it could not be run again
  if (again.instead == Verdict::exact && readable_digest(again.outputs) == readable_digest(got)) return;
  result.verdict = Verdict::unstable;
  result.reason += fmt::format("{}run again elsewhere in memory, {}", result.reason.empty() ? "" : "; ",
                               again.reason.empty() ? "the bits are others" : again.reason);
}

/// As `judge`, in the judging state.
Result judge_case(Prepared& prepared, const Subject& subject, Digests digests, bool is_twin) {
  const Case& c = prepared.subject_case();
  const Family& family = *c.family;
  family.legal(c);
  Result result;
  result.subject_case = c;
  result.subject = subject.name;
  const Way* const promised = subject.order(c);
  if (promised == nullptr && !can_be_judged_without_order(c)) {
    result.verdict = Verdict::skipped;
    result.reason = fmt::format("{} promises no order of summation, and these {} data round differently in each",
                                subject.name, to_text(c.data));
    return result;
  }
  if (std::find(family.dtypes.begin(), family.dtypes.end(), c.dtype) == family.dtypes.end()) {
    throw Error(fmt::format("{} has no loops for {}", operator_name(c), to_text(c.dtype)));
  }
  const UsualState while_judging;
  const Tensors inputs = prepared.inputs();

  // Before the loops: while a subject runs, nothing that it could read holds what is expected.
  const double seconds_before = subject_seconds;
  const Outcome outcome = run_subject(subject.run, c, inputs);
  const ProcessorState left = ProcessorState::now();
  constexpr ProcessorState usual;
  usual.apply();

  if (left != usual) {
    prepared.restore_inputs();
    result.verdict = Verdict::outside;
    result.reason = fmt::format("left the processor with {}", to_string(left));
  } else if (const auto written = prepared.restore_inputs(); !written.empty()) {
    result.verdict = Verdict::outside;
    result.reason = fmt::format("wrote into its input {}", written);
  } else if (outcome.instead != Verdict::exact) {
    result.verdict = outcome.instead;
    result.reason = outcome.reason;
  } else {
    const bool folds = is_folded(c, subject) && are_readable(family.outputs(c), outcome.outputs);
    if (folds) {
      const std::uint64_t draw = digest(outcome.outputs);
      prepared.expect(*contract(c), list_of(family.fold(c, inputs, outcome.outputs[0], draw)));
      result.is_folded = true;
    }
    if (promised == nullptr) {
      judge_without_order(result, prepared, subject, outcome.outputs, is_twin);
    } else {
      compare_outputs(result, prepared.expected(*promised), outcome.outputs, every_bit(c));
    }
    if (folds) prepared.forget(*contract(c));
    const bool is_looked_at_again =
        !subject.answers_once && (result.verdict == Verdict::wrong || is_one_in(one_looked_at_again_in, c));
    if (is_looked_at_again) look_again(result, prepared, subject, outcome.outputs);
    const Way& right = promised == nullptr ? *contract(c) : *promised;
    if (result.verdict == Verdict::wrong && subject.bugs) blame_bug(result, subject, right, inputs, outcome.outputs);
  }
  if (digests == Digests::always || fails(result.verdict)) result.bits = readable_digest(outcome.outputs);
  result.subject_seconds = subject_seconds - seconds_before;
  result.reference_seconds = prepared.take_loop_seconds();
  return result;
}

}  // namespace

bool is_one_in(std::uint64_t many, const Case& c) {
  return many == 1 || hash(to_text(c)) % many == 0;
}

Outcome run_caught(const Subject::Run& run, const Case& c, Tensors inputs) {
  Outcome outcome = run_subject(run, c, inputs);
  constexpr ProcessorState usual;
  usual.apply();
  return outcome;
}

Result judge(Prepared& prepared, const Subject& subject, Digests digests) {
  return judge_case(prepared, subject, digests, false);
}

Result judge_twin(const Case& c, const Subject& subject) {
  Prepared prepared(c);
  return judge_case(prepared, subject, Digests::where_it_fails, true);
}

}  // namespace refloop
