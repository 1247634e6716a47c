// The check engine as a library. One data path:
//
//   case text --> Case --> inputs (+ exactness) --> reference (the loops) --.
//                               '-----------------> subject ---------------> judge --> Result
//
// A line of text is a whole case; its inputs follow from it and from nothing else. Everything that computes is a
// Subject. The reference is always the loops, run in the order of summation that the subject promises.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

#include "refloop/case.h"
#include "refloop/tensor.h"

namespace refloop {

inline constexpr std::string_view version = "0.1.0";
/// Grows whenever a case text stands for other inputs than before.
inline constexpr int data_version = 3;

// ---- what an operator is ----

class Draw;    // src/check/mix.h
struct Terms;  // src/check/terms.h
using SeeTerms = std::function<void(const Terms&)>;

/// A way to compute a family's outputs: one of its orders of summation, a known mistake, a named bug of a library.
/// A mistake is made by the loops themselves: `edit` changes what those are told, `run` calls them as it likes. They
/// are handed in, in the order of summation that the subject promises, as `right`.
struct Way {
  std::string_view name, says, source = {};
  void (*run)(const Case&, const Way& right, Tensors in, Outputs out) = nullptr;
  void (*edit)(Case&, std::vector<AnyTensor>& in) = nullptr;

  /// An order by itself: it needs no other.
  void operator()(const Case& c, Tensors in, Outputs out) const { run(c, *this, in, out); }
};

/// A setting of a case. Parsing, printing, sampling, shrinking and the help walk the fields of a family; how is its
/// kind's affair (src/check/field.h).
struct FieldKind;
struct Field {
  std::string_view key;   // its letters in a case text
  std::string_view word;  // torch's word for it
  const FieldKind* kind = nullptr;
  Index least = 0;                // smallest legal value
  Index most = 0;                 // largest value that random cases draw
  std::string_view off = {};      // the word for a false flag; without one, false is left out
  std::string_view same_as = {};  // the key of the axes that it equals where the text leaves it out
  bool required = false;
  std::string_view of_memory = {};  // where it is how tensors lie in memory: the words for whatever is not the default
};

/// A nest of loops: in which order the terms of an output come.
struct Nest {
  std::string_view name;
  /// Calls `see` with the terms of each element of the first output, in row-major order.
  void (*each)(const Case&, Tensors in, const SeeTerms& see);
};

// ---- what rounding may do ----

/// What products and sums are kept in.
struct Arithmetic {
  std::string_view name, says;
  double unit;                 // largest relative error of rounding
  double tiny, normal, large;  // smallest subnormal, smallest normal and largest number
  double unit_of_inputs = 0;   // of rounding the inputs, where that comes first
};
inline constexpr Arithmetic arithmetics[] = {
    {"f64", "double", 0x1p-53, 0x1p-1074, 0x1p-1022, 0x1.fffffffffffffp1023},
    {"f32", "float", 0x1p-24, 0x1p-149, 0x1p-126, 0x1.fffffep127},
    {"tf32", "inputs rounded or cut to 11 bits, their products summed in float", 0x1p-24, 0x1p-149, 0x1p-126,
     0x1.fffffep127, 0x1p-10},
    {"bf16", "inputs, products and sums rounded to 8 bits", 0x1p-8, 0x1p-133, 0x1p-126, 0x1.fep127, 0x1p-8},
    {"f16", "inputs, products and sums rounded to 11 bits", 0x1p-11, 0x1p-24, 0x1p-14, 0x1.ffcp15, 0x1p-11}};

/// When a large case is folded: judged by random sums of its output channels.
enum class Fold : std::uint8_t { large, always, never };
inline constexpr Term fold_terms[] = {
    {"large", "cases of at least 2^24 multiplications; what is meant where nothing is said"},
    {"always", "whatever can be folded"},
    {"never", "the loops compute every output"}};
static_assert(std::size(fold_terms) == static_cast<std::size_t>(Fold::never) + 1);

/// What a kernel says of itself.
struct Declared {
  const Arithmetic* arithmetic = nullptr;    // null: that of the elements
  std::vector<std::string> algorithms = {};  // by name; see Family::algorithms
  bool flushes_subnormals = false;
  bool exact_only = false;  // a result within a bound does not pass, and no legal difference is forgiven
  Fold fold = Fold::large;
};

/// What an element of an output may be: exact + rest (two doubles that do not overlap), and how far a right kernel may
/// be from that. A value that is not finite is due as it stands; an infinite radius says that nothing is known.
struct Margin {
  double exact = 0, rest = 0, radius = 0;
};
/// Of the elements in row-major order, output by output.
using Margins = std::vector<std::vector<Margin>>;

/// A way to compute outputs that rounds otherwise than any order of the same sums.
struct Algorithm {
  std::string_view name, says, source;
  std::string_view declare;   // the option that declares it; of a family's first none is needed
  bool (*fits)(const Case&);  // whether the case can be computed so
  Margins (*margins)(const Case&, const Declared&, Tensors in);
  /// The same case on data of which it must be exact, or loses less than any mistake in whole numbers would show.
  std::vector<AnyTensor> (*telling)(const Case&) = nullptr;
  /// The legal difference (check/legal.h) that an element of special data is of which nothing is known.
  std::string_view unknown = {};
};

/// Cases under a name that says what they vary.
struct Sweep {
  std::string_view name;
  std::vector<Case> cases;
};

/// A setting as a kernel takes it, under torch's name for the argument: one number per axis, and nothing for None.
struct Argument {
  std::string_view name;
  std::variant<std::monostate, bool, Index, double, std::vector<Index>> value;
};

/// An axis of the terms of an output: the channels, say.
struct TermAxis {
  std::string_view name;
  Index size;
};

/// What an operator is. Nothing else in refloop switches on an operator's name.
struct Family {
  std::string_view name, says;
  std::span<const Field> fields;
  std::span<const DType> dtypes;
  bool copies_values = false;                                  // outputs are input values, so that NaN payloads count
  void (*legal)(const Case&);                                  // raises Error for an illegal case
  void (*settle)(Case&);                                       // moves a drawn or shrunk case to a legal one nearby
  void (*as_in_networks)(Case&, const Draw&, Index position);  // draws what people run again and again
  std::vector<AnyTensor> (*inputs)(const Case&);               // filled
  std::vector<AnyTensor> (*outputs)(const Case&);              // of the right sizes, not yet written
  bool (*all_orders_agree)(const Case&);                       // whether every order of summation gives the same bits
  Index (*work)(const Case&);                                  // terms of all outputs together
  std::vector<Argument> (*arguments)(const Case&);             // what a kernel is told beside its tensors
  int (*plugin)(void* symbol, const Case&, Tensors in, Outputs out);  // calls a function of plugin.h
  std::span<const Nest> nests;                                        // of floats; none where outputs are no sums
  std::vector<TermAxis> (*term_axes)(const Case&);                    // what numbers the terms of the first nest
  std::span<const Algorithm> algorithms;                              // of floats; none where nothing rounds
  /// Which elements of an output nothing determines: the index in a window that holds nothing. Empty: none.
  std::vector<bool> (*undetermined)(const Case&, const AnyTensor& output);
  std::vector<Case> (*twins)(const Case&);  // the same on data that are exact in every order
  /// For operators linear in what the channels hold, on whole numbers: what is due, as far as random sums of the
  /// channels tell it from the output given. Null where it can't be had.
  AnyTensor (*fold)(const Case&, Tensors in, const AnyTensor& output, std::uint64_t draw);
  std::span<const Way> orders;           // right, each in every bit; the first is the contract in the header
  const std::span<const Way>& mistakes;  // wrong, and seen in the wild; a reference, since they stand elsewhere
  std::vector<Sweep> (*sweeps)();
};

namespace family {
extern const Family conv, max_pool, min_pool, avg_pool, batch_norm;
}
inline constexpr const Family* families[] = {&family::conv, &family::max_pool, &family::min_pool, &family::avg_pool,
                                             &family::batch_norm};

// ---- verdicts ----

/// From good to bad.
enum class Verdict : std::uint8_t { exact, bounded, weak, skipped, wrong, unstable, outside, hung, crashed };
inline constexpr Term verdict_terms[] = {
    {"EXACT", "sizes, element type and every bit are equal (NaN equals NaN)"},
    {"BOUNDED", "within the proved rounding bound, element by element, and right on telling data of the same shape"},
    {"WEAK", "equal, but nearly all outputs are zero or NaN, so a broken kernel could have passed"},
    {"SKIPPED", "not compared, with the reason: the subject refuses the case, or promises no order for such data"},
    {"WRONG", "at least one bit differs, or sizes or element type do"},
    {"UNSTABLE", "other bits when it ran again on the same inputs, or with another number of threads"},
    {"OUTSIDE",
     "it wrote where it may not (an input, beyond a tensor, an output that it had returned), left the "
     "processor rounding otherwise, or closed a standard stream"},
    {"HUNG", "no answer within the time limit; outside kernels only"},
    {"CRASHED", "an exception; of outside kernels also a signal, or the end of their process"}};
inline constexpr std::size_t verdict_count = std::size(verdict_terms);
static_assert(verdict_count == static_cast<std::size_t>(Verdict::crashed) + 1);

constexpr std::string_view to_text(Verdict verdict) {
  return name_in(verdict_terms, verdict);
}
constexpr bool passes(Verdict verdict) {
  return verdict == Verdict::exact || verdict == Verdict::bounded;
}
constexpr bool fails(Verdict verdict) {
  return verdict > Verdict::skipped;
}

// ---- subjects ----

/// What running a subject gave: outputs, or the verdict that stands without them (skipped where it does not take such
/// a case, wrong where it should have) and why.
struct Outcome {
  std::vector<AnyTensor> outputs;
  Verdict instead = Verdict::exact;
  std::string reason = {};
};

/// Anything that computes.
struct Subject {
  using Run = std::function<Outcome(const Case&, Tensors)>;

  std::string name;
  Run run;
  /// Which of the family's orders it promises for a case; null promises none, and then it is compared where every
  /// order gives the same bits.
  std::function<const Way*(const Case&)> order;
  /// Bugs of its own that somebody has named. A result that one of them accounts for bit for bit is SKIPPED under its
  /// name; any other difference is WRONG as ever.
  std::function<std::span<const Way>(const Case&)> bugs = {};
  Declared declared = {};
  Run run_once = {};  // where `run` runs it more than once: the quicker way, for questions
  const Run& quickest() const { return run_once ? run_once : run; }
  std::uint64_t asked_one_in = 1;  // its order is asked for in one of so many cases, by the hash of their texts
  /// Other ways to run it that must give the same bits: with other threads, say.
  struct Variation {
    std::string says;
    Run run;
  };
  std::vector<Variation> variations = {};
  bool takes_any_start = false, takes_gaps = false;  // tensors that begin anywhere, and with gaps
  /// Its answers stand: of each case that it has there is one, on the case's own inputs, and asking again tells
  /// nothing.
  bool answers_once = false;
};

/// The first order of the case's family: what its header says.
inline const Way* contract(const Case& c) {
  return &c.family->orders[0];
}

// ---- judging ----

/// Where two outputs differ first, in row-major order.
struct Difference {
  std::string output;
  std::vector<Index> at;
  std::string expected, got;            // decimal, exact to the last bit
  std::string expected_bits, got_bits;  // hexadecimal
};

struct Result {
  Case subject_case;
  std::string subject;
  Verdict verdict{};
  std::uint64_t bits = 0;            // digest of the outputs (NaNs count as one value)
  std::string order;                 // name of the order whose bits these are, where none was promised
  bool by_rounding = false;          // whether it was judged by what rounding may do, on data that round in every order
  std::optional<double> bound_used;  // the largest share of the rounding bound, where the verdict rests on it
  std::string algorithm;             // whose bound that is
  bool is_folded = false;            // whether random sums of the channels stood for the loops
  Index compared = 0, differing = 0;
  std::map<std::string, Index> forgiven;  // legal differences, and in how many elements
  std::string reason;                     // why it is not EXACT
  std::string where;                      // how the differing elements lie
  std::optional<Difference> first;
  std::optional<std::uint64_t> most_ulps;  // how far off at most, in units of the last place; of finite floats
  std::string smallest;                    // text of the smallest case found that still fails
  bool reproduced = true;                  // whether the smallest case failed again when it was run at the end
  std::string matters;                     // which settings it takes to fail, and which not
  std::string picture;                     // the smallest case: its tensors, and what was read in place of what
  std::string declare;                     // the algorithm whose bound it keeps, and the option that declares it
  std::vector<std::string> explained_by;   // the known mistakes that give the same bits
  std::uint64_t number = 0;                // of the case in its run
  double reference_seconds = 0, subject_seconds = 0;
};

/// A case with its inputs, and with what the loops give in each order that is asked for. Each is computed when it is
/// first needed, and once, however many subjects are judged on it. For one thread at a time.
class Prepared {
 public:
  explicit Prepared(const Case& c) : case_(c) {}
  /// With these inputs instead of the case's own.
  Prepared(const Case& c, std::vector<AnyTensor> inputs) : case_(c) { keep(std::move(inputs)); }
  const Case& subject_case() const { return case_; }
  Tensors inputs();
  Tensors expected(const Way& order);
  /// What is due in that order, found otherwise; until it is forgotten.
  void expect(const Way& order, std::vector<AnyTensor> outputs) { expected_.emplace_back(&order, std::move(outputs)); }
  void forget(const Way& order) {
    std::erase_if(expected_, [&](const auto& known) { return known.first == &order; });
  }
  /// Undoes what a subject wrote into the inputs; gives the name of the first that it wrote into, or nothing.
  std::string_view restore_inputs();
  /// What the loops took since this was last asked.
  double take_loop_seconds() { return std::exchange(loop_seconds_, 0); }

 private:
  void keep(std::vector<AnyTensor> inputs);

  Case case_;
  std::vector<AnyTensor> inputs_;
  std::vector<std::byte> untouched_;  // the inputs' memory as it was, one behind the other
  std::vector<std::pair<const Way*, std::vector<AnyTensor>>> expected_;
  double loop_seconds_ = 0;
};

/// Whether a result's digest is wanted where nothing failed: reports hold it, and it costs as much as the comparison.
enum class Digests : bool { where_it_fails, always };

/// Runs the reference and the subject on the case's inputs and compares bits, with the processor rounding as a program
/// starts: to nearest, denormals kept. The calling thread is left as it was.
Result judge(Prepared& prepared, const Subject& subject, Digests digests = Digests::always);
inline Result judge(const Case& c, const Subject& subject) {
  Prepared prepared(c);
  return judge(prepared, subject);
}
/// For a failure: the smallest case that still fails, which settings matter, and the known mistakes that reproduce it
/// bit for bit. Of an unstable one how often it fails. Of a subject that answers once the known mistakes alone.
/// Shrinking ends early where `stop` says so.
using Stop = std::function<bool()>;
void diagnose(
    Result& failure, const Subject& subject, const Stop& stop = [] { return false; });
/// The known mistakes alone.
void explain(Result& failure, const Subject& subject);

/// Digest of sizes, dtype and elements; equal on every machine for equal values. NaNs count as one value.
std::uint64_t digest(Tensors tensors);

/// Random case number `index` of a seed: legal, small, not WEAK, the same on every machine. Raises Error where no such
/// case is as the pattern says, and wanted.
Prepared sample(const Pattern& pattern, std::uint64_t seed, std::uint64_t index,
                const std::function<bool(const Case&)>& is_wanted = {});
Case sample(const Family& family, std::uint64_t seed, std::uint64_t index);

/// The loops with that mistake in them, in the order of summation that is promised.
Subject wrong_kernel(const Way& mistake, const std::function<const Way*(const Case&)>& order = contract);

// ---- whether a subject keeps the order that it promises ----

/// What sums a case, where one thing sums under several operators: a BLAS of whatever make, say. Empty: its promise
/// stands without trial.
using SummedBy = std::function<std::string(const Case&)>;
/// Every operator by itself.
inline std::string by_operator(const Case& c) {
  return operator_name(c);
}

/// Whether the subject keeps its order for all of a family, tried on random floats.
bool keeps_order(const Family& family, const Subject& subject);

/// What was seen to sum in another order than the subject promises, tried on random floats of every family.
std::set<std::string> broken_promises(const Subject& subject, const SummedBy& summed_by = by_operator);

/// The subject without the promises that were seen broken.
Subject without_promises(const Subject& subject, const std::set<std::string>& broken,
                         const SummedBy& summed_by = by_operator);

// ---- many cases ----

/// The cases of a run by their number; nothing where a number is not wanted. Called by several threads at once.
using CaseAt = std::function<std::optional<Prepared>(std::uint64_t number)>;

struct RunOptions {
  int jobs = 1;  // threads that judge side by side, all with the same subject
  Digests digests = Digests::always;
  bool invariance = false;                            // each subject is its own oracle: see check/invariance.h
  std::function<void(const Result&)> on_result = {};  // called for each result, in order of case and subject
  std::function<bool()> stop = [] { return false; };  // asked before each case
  /// Which subjects a case is for; without it, all.
  std::function<bool(const Case&, std::size_t subject, std::uint64_t number)> is_for = {};
};

/// Judges cases 0 to count - 1 with every subject. What is kept does not grow with their number.
void run(std::uint64_t count, const CaseAt& case_at, std::span<const Subject> subjects, const RunOptions& options);

/// One result per case, in the order of the cases; those behind a stop are missing.
std::vector<Result> run(std::span<const Case> cases, const Subject& subject, RunOptions options = {});

}  // namespace refloop
