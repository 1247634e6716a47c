// A kernel of one's own in C++, held to the loops: any function of one of these signatures, T being an element type
// (float, double, a whole number) and R the number of axes, batch and channels included.
//
//   void my_conv(TensorView<const T, R> input, TensorView<const T, R> weight, const T* bias_or_null,
//                const ConvSettings<R - 2>& settings, TensorView<T, R> output);
//   void my_pool(TensorView<const T, R> input, const PoolSettings<R - 2>& settings, TensorView<T, R> output);
//   void my_pool(..., TensorView<T, R> output, std::optional<TensorView<Index, R>> indices);     max and min alone
//   void my_norm(TensorView<const T, R> input, const BatchNormChannels<T>& channels,
//                const BatchNormSettings& settings, TensorView<T, R> output);
//
//   const refloop::Report report = refloop::check(refloop::conv2d(my_conv).takes("conv2d_g1"));
//   std::cout << report;
//   return report.exit_code();
//
// Shapes, settings and what is due are those of conv.h, pool.h and batch_norm.h; a bias may also come as
// std::optional<TensorView<const T, 1>>, so that the loops themselves have such a signature. Outputs come poisoned;
// inputs are not to be written, but the running statistics in training.
//
// The kernel runs in processes of its own: this very program, started anew with arguments of refloop's, in which the
// kernel is called before main would begin. So its end (exit, abort, a signal, an endless loop) is the verdict of a
// case. That takes a plain function, or a lambda that captures nothing; what captures says `in_process`.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "refloop/batch_norm.h"
#include "refloop/check.h"
#include "refloop/conv.h"
#include "refloop/error.h"
#include "refloop/pool.h"
#include "refloop/signatures.h"

namespace refloop {

/// What a kernel throws for a case that it does not take: the case is SKIPPED. `takes` says so beforehand.
struct Unsupported : Error {
  using Error::Error;
};

/// A kernel, and what is said of it. Every setter returns the callable, for the next.
class Callable {
 public:
  using Function = void (*)();  // a plain function of whatever signature
  using Adapter = void (*)(Function kernel, const Case&, Tensors in, Outputs out);
  using Own = std::function<void(const Case&, Tensors in, Outputs out)>;
  /// What its signature says of the cases that it can be given, and the two ways to call it; `own` alone where it has
  /// captured something.
  Callable(std::string_view like, Adapter adapter, Function kernel, Own own);
  Callable(const Callable& other);
  Callable(Callable&&) noexcept;
  Callable& operator=(const Callable& other);
  Callable& operator=(Callable&&) noexcept;
  ~Callable();

  /// Only cases like this partial text (`conv2d_k3_s1_g1`), or like one of several: random cases are drawn so, none is
  /// thrown away. Raises Error for a text that is no pattern, or of another operator or element type.
  Callable& takes(std::string_view pattern);
  /// May be called by several threads at once: it is called by `first` of them, and again by `second`, each on inputs
  /// of its own, which must give the bits that they give alone. Without it by one thread at a time. OMP_NUM_THREADS is
  /// set to the same numbers.
  Callable& threads(int first, int second);
  /// In this process: quicker to debug, and for kernels that have captured something. What ends it ends the program.
  Callable& in_process();
  Callable& named(std::string name);  // in reports; the operator's name where nothing is said

  /// Whose bits it promises, by the name of an order of summation of its family (Family::orders). Raises Error for
  /// others.
  Callable& order(std::string_view name);
  Callable& arithmetic(std::string_view name);  // what products and sums are kept in: tf32, bf16, f16, f32, f64
  Callable& algorithm(std::string_view name);   // winograd-4x4, fft, one-pass, welford, ...: what rounds otherwise
  Callable& flushes_subnormals();
  Callable& require_exact();  // no bound passes, and no legal difference is forgiven

  Callable& strided();        // also tensors with gaps, slices and transposed ones
  Callable& channels_last();  // also tensors whose channels are innermost
  Callable& unaligned();      // also tensors that begin anywhere
  Callable& time_limit(std::chrono::milliseconds of_one_call);

  struct Said;
  const Said& said() const { return *said_; }

 private:
  std::unique_ptr<Said> said_;
};

struct CheckOptions {
  std::string tier = "smoke";             // or full, as of `refloop check`
  std::uint64_t seed = 0;                 // of the random cases
  std::optional<std::uint64_t> random{};  // so many random cases alone
  std::vector<std::string> cases{};       // these alone
  int jobs = 0;                           // threads that judge, each with processes of its own; 0: all processors
};

/// What came out of a check. Prints as `refloop check` does.
class Report {
 public:
  /// 0: something passed and nothing failed; 1: something failed, or nothing was compared.
  int exit_code() const;
  std::uint64_t count(Verdict verdict) const;
  const std::vector<Result>& failures() const;  // of the first ones the smallest case, and what it looks like
  friend std::ostream& operator<<(std::ostream& out, const Report& report);

 private:
  friend Report check(const Callable&, const CheckOptions&);
  struct State;
  std::shared_ptr<const State> state_;
};

/// Judges the kernel on cases of the tier. Where the program was given `--refloop-case TEXT`, on that case alone, or
/// not at all where it is another kernel's: a story ends with such a line. Raises Error for options that can't be,
/// before the kernel runs.
Report check(const Callable& kernel, const CheckOptions& options = {});

/// The kernel as a subject of the engine. Raises Error where its process can't be had.
Subject subject_of(const Callable& kernel);
/// The cases of the options. Raises Error for options that can't be.
std::vector<Case> cases_of(const Callable& kernel, const CheckOptions& options = {});

/// Judges a kernel case by case, for frames that have a loop of their own.
class CaseJudge {
 public:
  /// Raises Error where the kernel's process can't be had.
  explicit CaseJudge(const Callable& kernel);
  /// A failure is diagnosed: of the first ones the smallest case that still fails, then the known mistakes alone.
  Result operator()(const Case& c);
  /// All that is known of a failure; of those that shrink to one case the first is told in full. `again` is the command
  /// that judges the same kernel, up to the case that follows.
  std::string story(const Result& failure, const std::string& again) const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

namespace callable {

template <class Operator, class F>
Callable made(const std::string& like, F kernel) {
  static_assert(Operator::template check_signature<F>());
  const std::string typed = like + '_' + std::string(to_text(dtype_of<InputElement<F>>));
  const auto own = [kernel](const Case& c, Tensors in, Outputs out) { Operator::call(kernel, c, in, out); };
  if constexpr (std::is_empty_v<F> && std::is_default_constructible_v<F>) {  // a function object without state
    const Callable::Adapter adapter = [](Callable::Function, const Case& c, Tensors in, Outputs out) {
      Operator::call(F{}, c, in, out);
    };
    return {typed, adapter, reinterpret_cast<Callable::Function>(adapter), own};
  } else if constexpr (requires { +kernel; }) {
    using Pointer = decltype(+kernel);
    const Callable::Adapter adapter = [](Callable::Function function, const Case& c, Tensors in, Outputs out) {
      Operator::call(reinterpret_cast<Pointer>(function), c, in, out);
    };
    return {typed, adapter, reinterpret_cast<Callable::Function>(+kernel), own};
  } else {
    return {typed, nullptr, nullptr, own};
  }
}

template <std::size_t Dims, class F>
Callable extreme_pool(const std::string& name, F kernel) {
  using Operator = Pool<Dims, true>;
  static_assert(Operator::template check_signature<F>());
  return made<Operator>(name + (Operator::template has_indices<F> ? "" : "_noindices"), kernel);
}
template <std::size_t Dims, class F>
Callable batch_norm(const std::string& name, F kernel) {
  using Operator = BatchNorm<Dims>;
  static_assert(Operator::template check_signature<F>());
  return made<Operator>(name + (Operator::template rank_of<F> == 2 ? "_flat" : ""), kernel);
}

}  // namespace callable

// The kernels of one's own, by operator.

template <class F>
Callable conv1d(F kernel) {
  return callable::made<callable::Conv<1>>("conv1d", kernel);
}
template <class F>
Callable conv2d(F kernel) {
  return callable::made<callable::Conv<2>>("conv2d", kernel);
}
template <class F>
Callable conv3d(F kernel) {
  return callable::made<callable::Conv<3>>("conv3d", kernel);
}
template <class F>
Callable max_pool1d(F kernel) {
  return callable::extreme_pool<1>("max_pool1d", kernel);
}
template <class F>
Callable max_pool2d(F kernel) {
  return callable::extreme_pool<2>("max_pool2d", kernel);
}
template <class F>
Callable max_pool3d(F kernel) {
  return callable::extreme_pool<3>("max_pool3d", kernel);
}
template <class F>
Callable min_pool1d(F kernel) {
  return callable::extreme_pool<1>("min_pool1d", kernel);
}
template <class F>
Callable min_pool2d(F kernel) {
  return callable::extreme_pool<2>("min_pool2d", kernel);
}
template <class F>
Callable min_pool3d(F kernel) {
  return callable::extreme_pool<3>("min_pool3d", kernel);
}
template <class F>
Callable avg_pool1d(F kernel) {
  return callable::made<callable::Pool<1, false>>("avg_pool1d_d1", kernel);
}
template <class F>
Callable avg_pool2d(F kernel) {
  return callable::made<callable::Pool<2, false>>("avg_pool2d_d1", kernel);
}
template <class F>
Callable avg_pool3d(F kernel) {
  return callable::made<callable::Pool<3, false>>("avg_pool3d_d1", kernel);
}
template <class F>
Callable batch_norm1d(F kernel) {
  return callable::batch_norm<1>("batch_norm1d", kernel);
}
template <class F>
Callable batch_norm2d(F kernel) {
  return callable::batch_norm<2>("batch_norm2d", kernel);
}
template <class F>
Callable batch_norm3d(F kernel) {
  return callable::batch_norm<3>("batch_norm3d", kernel);
}

}  // namespace refloop
