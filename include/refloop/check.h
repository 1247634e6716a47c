// The check engine as a library. One data path:
//
//   case text --> Case --> inputs (+ exactness) --> reference (the loops) --.
//                               '-----------------> subject ---------------> judge --> Result
//
// A line of text is a whole case; its inputs follow from it and from nothing else. Everything that computes is a
// Subject. The reference is always the loops, run in the order of summation that the subject promises.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "refloop/tensor.h"

namespace refloop {

inline constexpr std::string_view version = "0.1.0";
/// Grows whenever a case text stands for other inputs than before.
inline constexpr int data_version = 1;

enum class DType : std::uint8_t { f64, f32, int64, int32, int16, int8, uint8 };
enum class Layout : std::uint8_t { dense, channels_last, strided };
enum class Data : std::uint8_t { integer, wide, real, special, coded };

/// An order of summation. The two named ones are those of LibTorch's native kernels on tensors of that memory
/// format; a subject that promises neither is compared where every order gives the same bits.
enum class Order : std::uint8_t { any, contiguous, channels_last };

/// One number per spatial axis; the first `dims` count.
using Axes = std::array<Index, 3>;

/// A tensor whose type and rank are known at run time. `memory` keeps alive what `data` points into.
struct AnyTensor {
  std::string_view name;
  DType dtype{};
  std::vector<Index> shape, strides;  // strides in elements
  std::shared_ptr<void> memory;
  void* data = nullptr;

  Index size() const {
    Index product = 1;
    for (const Index extent : shape) product *= extent;
    return product;
  }
  /// T and Rank must be those of the tensor.
  template <class T, std::size_t Rank>
  TensorView<T, Rank> view() const {
    TensorView<T, Rank> typed;
    typed.data = static_cast<T*>(data);
    for (std::size_t axis = 0; axis < Rank; ++axis) {
      typed.extents[axis] = shape[axis];
      typed.strides[axis] = strides[axis];
    }
    return typed;
  }
};

/// The tensor of that name, or null: optional tensors (a bias) are absent from the list.
template <class Tensors>
auto find(Tensors&& tensors, std::string_view name) -> decltype(tensors.data()) {
  for (auto& tensor : tensors) {
    if (tensor.name == name) return &tensor;
  }
  return nullptr;
}

struct Family;

/// A whole test case in plain values; a family uses what its fields name.
struct Case {
  const Family* family = nullptr;
  int dims = 2;
  Index batch = 1, channels = 1, out_channels = 1, groups = 1, divisor = 0;
  Axes input{}, kernel{}, stride{1, 1, 1}, before{}, after{}, dilation{1, 1, 1};
  bool bias = false, ceil = false, indices = false, exclude_pad = false, train = false, affine = false, stats = false;
  double momentum = 0.1, eps = 1e-5;
  Layout layout = Layout::dense;
  DType dtype = DType::f32;
  Data data = Data::integer;
  std::uint64_t seed = 0;

  friend bool operator==(const Case&, const Case&) = default;
};

/// A setting of a case. Parsing, printing, sampling, shrinking and the help walk the fields of a family.
struct Field {
  std::string_view key;   // its letters in a case text
  std::string_view word;  // torch's word for it
  std::variant<Index Case::*, Axes Case::*, bool Case::*, double Case::*> at;
  Index least = 0;                // smallest legal value
  Index most = 0;                 // largest value that random cases draw
  Axes Case::*same_as = nullptr;  // what it equals where the text leaves it out; without one, Case{}'s value
  std::string_view off = {};      // the word for a false bool; without one, false is left out
  bool required = false;
};

/// Whether every order of summation gives the same bits, and how much is summed.
struct Exactness {
  bool all_orders_agree;
  Index terms;     // products or values per output element
  double largest;  // bound on the magnitude of any partial sum, in units of the data's grid; 0 where there is none
};

/// A way kernels are known to go wrong: run on purpose to prove that a suite catches it, and tried as the
/// explanation of a failure. `edit` changes what the loops are told; `run` computes by itself.
struct Mistake {
  std::string_view name, says, source;
  void (*edit)(Case&, std::vector<AnyTensor>& inputs) = nullptr;
  void (*run)(const Case&, std::span<const AnyTensor> inputs, std::span<AnyTensor> outputs) = nullptr;
};

/// Cases under a name that says what they vary.
struct Sweep {
  std::string_view name;
  std::vector<Case> cases;
};

/// What an operator is. Nothing else in refloop switches on an operator's name.
struct Family {
  std::string_view name, says;
  std::span<const Field> fields;
  std::span<const DType> dtypes;
  bool copies_values;          // outputs are input values, so that NaN payloads count
  void (*check)(const Case&);  // raises Error for an illegal case
  void (*settle)(Case&);       // moves a drawn or shrunk case to a legal one nearby
  std::vector<AnyTensor> (*inputs)(const Case&);
  std::vector<AnyTensor> (*outputs)(const Case&);  // of the right sizes, not yet written
  Exactness (*exactness)(const Case&);
  Index (*work)(const Case&);  // terms of all outputs together
  void (*loops)(const Case&, Order, std::span<const AnyTensor> inputs, std::span<AnyTensor> outputs);
  std::vector<Sweep> (*sweeps)();
  std::span<const Mistake> mistakes;
};

/// What running a subject gave: outputs, or why there are none.
struct Outcome {
  std::vector<AnyTensor> outputs;
  std::string refused;  // it does not take such a case
  std::string failed;   // it should have, and did not
};

/// Anything that computes. `order` tells which order of summation it promises for a case.
struct Subject {
  std::string name;
  std::function<Outcome(const Case&, std::span<const AnyTensor>)> run;
  std::function<Order(const Case&)> order;
  /// What sums a case, where that need not keep the promise: a BLAS of whatever make, say, under several operators.
  /// Empty where the promise stands as it is. Without the function, each operator's promise is tried by itself.
  std::function<std::string(const Case&)> summed_by = {};
  /// Bugs of its own that somebody has named. A result that one of them accounts for bit for bit is SKIPPED under its
  /// name; any other difference is WRONG as ever.
  std::function<std::span<const Mistake>(const Case&)> bugs = {};
  std::vector<std::string> broken_promises = {};  // what was seen to sum in another order than it promised
};

/// From good to bad.
enum class Verdict : std::uint8_t { exact, bounded, weak, skipped, wrong, unstable, outside, hung, crashed };
inline constexpr std::size_t verdict_count = 9;

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
  std::uint64_t bits = 0;  // digest of the outputs (NaNs count as one value)
  Index compared = 0, differing = 0;
  std::string reason;  // why it is not EXACT
  std::string where;   // how the differing elements lie
  std::optional<Difference> first;
  std::string smallest;    // text of the smallest case found that still fails
  std::string looks_like;  // the known mistake that gives the same bits
  double reference_seconds = 0, subject_seconds = 0;
};

/// The case that a text names. Raises Error with the field and what it takes.
Case parse(std::string_view text);
/// The canonical text: `parse(to_text(c)) == c` for every legal case.
std::string to_text(const Case& c);

std::string_view to_text(DType dtype);
std::string_view to_text(Layout layout);
std::string_view to_text(Data data);
std::string_view to_text(Verdict verdict);
constexpr bool passes(Verdict verdict) {
  return verdict == Verdict::exact || verdict == Verdict::bounded;
}
constexpr bool fails(Verdict verdict) {
  return verdict > Verdict::skipped;
}

/// Runs the reference and the subject on the case's inputs and compares bits.
Result judge(const Case& c, const Subject& subject);
/// For a failure: the smallest case that still fails, and the known mistake that reproduces it bit for bit.
void diagnose(Result& failure, const Subject& subject);

/// Digest of sizes, dtype and elements; equal on every machine for equal values. NaNs count as one value.
std::uint64_t digest(std::span<const AnyTensor> tensors);

/// Random case number `index` of a seed: legal, small, not WEAK, the same on every machine.
Case sample(const Family& family, std::uint64_t seed, std::uint64_t index);

/// The loops with that mistake in them, summing in the order given where the mistake is an edit.
Subject wrong_kernel(
    const Family& family, const Mistake& mistake,
    const std::function<Order(const Case&)>& order = [](const Case&) { return Order::contiguous; });

/// Whether the subject keeps the order of summation that it promises for all of a family, tried on random floats.
bool keeps_order(const Family& family, const Subject& subject);

/// The subject with its promise cut down to what it was seen to keep on random floats. Each thing that sums is tried by
/// itself: a BLAS, or an operator's own kernels for so many axes.
Subject with_tested_promise(const Subject& subject);

struct RunOptions {
  int jobs = 1;                                       // threads that judge side by side
  std::function<void(const Result&)> on_result;       // called for each result, never by two threads at once
  std::function<bool()> stop = [] { return false; };  // asked before each case
};
/// One result per case, in the order of the cases; those behind a stop are missing.
std::vector<Result> run(std::span<const Case> cases, const Subject& subject, const RunOptions& options = {});

namespace family {
extern const Family conv, max_pool, min_pool, avg_pool, batch_norm;
}
inline constexpr const Family* families[] = {&family::conv, &family::max_pool, &family::min_pool, &family::avg_pool,
                                             &family::batch_norm};

}  // namespace refloop
