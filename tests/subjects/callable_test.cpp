// Functions of this very program as kernels: found again in the program started anew, and judged like any other.
#include "refloop/callable.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <cstdlib>
#include <sstream>
#include <thread>
#include <vector>

#include "refloop/gtest.h"

namespace refloop {
namespace {

using View = TensorView<const float, 3>;
using Bias = std::optional<TensorView<const float, 1>>;
using Written = TensorView<float, 3>;

void loops(View x, View w, Bias bias, const ConvSettings<1>& s, Written y) {
  conv<float, 3>(x, w, bias, s, y);
}

REFLOOP_TEST(LoopsAsAKernel, conv1d(loops).takes("conv1d_k2").takes("conv1d_k3_g2").threads(1, 3), {.random = 40});

const std::vector<float> filled_before_main(1, 1.0F);

void relies_on_initialisers(View x, View w, Bias bias, const ConvSettings<1>& s, Written y) {
  loops(x, w, bias, s, y);
  if (filled_before_main.empty()) y(0, 0, 0) = 1000;
}
REFLOOP_TEST(ReliesOnInitialisers, conv1d(relies_on_initialisers), {.random = 20});

void exits(View, View, const float*, const ConvSettings<1>&, Written) {
  std::exit(0);
}

TEST(Callable, ThatEndsTheProcessIsRed) {
  const Report report = check(conv1d(exits), {.random = 20});
  EXPECT_EQ(report.exit_code(), 1);
  EXPECT_EQ(report.count(Verdict::crashed), 20U);
  ASSERT_FALSE(report.failures().empty());
  EXPECT_EQ(report.failures()[0].reason, "ended the process, with exit status 0");
}

void forgets_bias(View x, View w, const float*, const ConvSettings<1>& s, Written y) {
  loops(x, w, {}, s, y);
}

TEST(Callable, IsToldWithTheLineThatRunsItAgain) {
  std::ostringstream told;
  told << check(conv1d(forgets_bias).named("forgetful"), {.random = 60});
  EXPECT_NE(told.str().find("same bits as the known mistake bias_forgotten\n"), std::string::npos) << told.str();
  EXPECT_NE(told.str().find(std::string("again: ") + program_invocation_name), std::string::npos) << told.str();
  EXPECT_NE(told.str().find(" --refloop-case conv1d_i1_k1_bias_"), std::string::npos) << told.str();
}

std::atomic<int> inside = 0;

void can_be_entered_once(View x, View w, Bias bias, const ConvSettings<1>& s, Written y) {
  ++inside;
  std::this_thread::sleep_for(std::chrono::microseconds(300));
  const bool alone = inside == 1;
  loops(x, w, bias, s, y);
  if (!alone) y(0, 0, 0) += 1;
  std::this_thread::sleep_for(std::chrono::microseconds(300));
  --inside;
}

TEST(Callable, ThatIsNotReentrantIsCalledByOneThread) {
  EXPECT_EQ(check(conv1d(can_be_entered_once).takes("conv1d_n1_integer"), {.random = 20}).exit_code(), 0);
}
TEST(Callable, ThatSaysSoIsCalledByManyThreads) {
  const Subject subject = subject_of(conv1d(can_be_entered_once).threads(1, 4));
  const Result result = judge(parse("conv1d_i5_k3_integer"), subject);
  EXPECT_EQ(result.verdict, Verdict::unstable) << result.reason;
  EXPECT_NE(result.reason.find("have other bits when 4 threads call it at once"), std::string::npos) << result.reason;
}

const float* kept_input = nullptr;

void keeps_its_input(View x, View w, Bias bias, const ConvSettings<1>& s, Written y) {
  kept_input = x.data;
  std::this_thread::sleep_for(std::chrono::microseconds(300));
  loops(View(kept_input, x.extents, x.strides), w, bias, s, y);
}

TEST(Callable, IsCalledByManyThreadsOnInputsOfTheirOwn) {
  const Case c = parse("conv1d_i5_k3_integer");
  EXPECT_EQ(judge(c, subject_of(conv1d(keeps_its_input))).verdict, Verdict::exact);
  EXPECT_EQ(judge(c, subject_of(conv1d(keeps_its_input).threads(1, 4))).verdict, Verdict::unstable);
}

TEST(Callable, IsAValue) {
  const Callable plain = conv1d(loops);
  Callable narrow = plain;
  narrow.takes("conv1d_k2").named("narrow");
  EXPECT_EQ(subject_of(plain).name, "conv1d");
  EXPECT_EQ(subject_of(narrow).name, "narrow");
  const std::vector<Case> all = cases_of(plain, {.random = 20}), few = cases_of(narrow, {.random = 20});
  const auto is_narrow = [](const Case& c) { return c.kernel[0] == 2; };
  EXPECT_FALSE(std::all_of(all.begin(), all.end(), is_narrow));
  EXPECT_TRUE(std::all_of(few.begin(), few.end(), is_narrow));
}

struct Stateless {
  void operator()(View x, View w, Bias bias, const ConvSettings<1>& s, Written y) const { loops(x, w, bias, s, y); }
};

TEST(Callable, MayBeAFunctionObjectWithoutState) {
  EXPECT_EQ(check(conv1d(Stateless()), {.random = 20}).exit_code(), 0);
}

TEST(NamedCases, AreThoseThatTheFilterAsksForInFull) {
  const std::string filter = GTEST_FLAG_GET(filter);
  const auto named = [](const std::string& text) {
    GTEST_FLAG_SET(filter, text);
    return gtest::named_cases("Mine");
  };
  const std::string text = "refloop/Mine.Agrees/conv1d_i5_k3_f32_integer_seed0";
  EXPECT_EQ(named(text), std::vector{parse("conv1d_i5_k3")});
  EXPECT_EQ(named("*Other*:" + text + ":A.b"), std::vector{parse("conv1d_i5_k3")});
  EXPECT_TRUE(named("refloop/Mine.*-" + text).empty());
  EXPECT_TRUE(named("-" + text).empty());
  EXPECT_TRUE(named(text + "*").empty());
  EXPECT_TRUE(named("refloop/Others.Agrees/conv1d_i5_k3").empty());
  GTEST_FLAG_SET(filter, filter);
}

void no_groups(View x, View w, Bias bias, const ConvSettings<1>& s, Written y) {
  if (s.groups > 1) throw Unsupported("no groups");
  loops(x, w, bias, s, y);
}

TEST(Callable, SkipsWhatItDoesNotTake) {
  const Report report = check(conv1d(no_groups), {.random = 100});
  EXPECT_EQ(report.exit_code(), 0);
  EXPECT_GT(report.count(Verdict::skipped), 10U);
  EXPECT_EQ(report.count(Verdict::exact) + report.count(Verdict::skipped), 100U);
  EXPECT_EQ(check(conv1d(no_groups).takes("conv1d_g2"), {.random = 20}).exit_code(), 1) << "nothing was compared";
}

TEST(Callable, ThatHasCapturedSomethingRunsInThisProcess) {
  int calls = 0;
  const auto counting = [&calls](View x, View w, Bias bias, const ConvSettings<1>& s, Written y) {
    ++calls;
    loops(x, w, bias, s, y);
  };
  EXPECT_EQ(check(conv1d(counting).in_process(), {.random = 30}).exit_code(), 0);
  EXPECT_GE(calls, 30);
}

TEST(Callable, IsHeldToTheOrderThatItPromises) {
  EXPECT_EQ(check(conv1d(loops).order("channels_then_taps").takes("conv1d_real"), {.random = 50}).exit_code(), 0);
  const Report report = check(conv1d(loops).order("taps_then_channels").takes("conv1d_c8_k3_real"), {.random = 50});
  EXPECT_GT(report.count(Verdict::wrong), 25U);
}

template <class Made>
std::string complaint_of(Made&& made) {
  try {
    made();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

TEST(Callable, SaysInOneSentenceWhatCannotBe) {
  const float captured = 1;
  const auto captures = [captured](View, View, const float*, const ConvSettings<1>&, Written y) {
    y(0, 0, 0) = captured;
  };
  EXPECT_EQ(
      complaint_of([&] { check(conv1d(captures)); }),
      "a kernel that has captured something can't be found by a process of its own: say in_process(), or make it a "
      "plain function");
  EXPECT_EQ(complaint_of([] { conv1d(loops).takes("conv2d"); }),
            "takes(\"conv2d\"): the kernel is conv1d_f32 by its signature");
  EXPECT_EQ(complaint_of([] { conv1d(loops).takes("conv1d_f64"); }),
            "takes(\"conv1d_f64\"): the kernel is conv1d_f32 by its signature");
  EXPECT_EQ(complaint_of([] { conv1d(loops).threads(4, 1); }),
            "threads(4, 1): takes two numbers from 1 to 1024, the larger one last");
  EXPECT_EQ(complaint_of([] { conv1d(loops).arithmetic("f8"); }),
            "arithmetic(\"f8\"): takes f64, f32, tf32, bf16, f16");
  EXPECT_NE(
      complaint_of([] { conv1d(loops).order("backwards"); }).find("order(\"backwards\"): takes channels_then_taps,"),
      std::string::npos);
  EXPECT_EQ(complaint_of([] { check(conv1d(loops), {.tier = "soak"}); }), "tier: takes smoke or full, not \"soak\"");
  EXPECT_EQ(complaint_of([] { check(conv1d(loops), {.cases = {"conv1d_i3_k1_f64"}}); }),
            "conv1d_i3_k1_f64 is no case for this kernel, which is conv1d_f32 by its signature");
}

// ---- every operator ----

template <class T, std::size_t Rank>
void as_conv(TensorView<const T, Rank> x, TensorView<const T, Rank> w, std::optional<TensorView<const T, 1>> bias,
             const ConvSettings<Rank - 2>& s, TensorView<T, Rank> y) {
  conv<T, Rank>(x, w, bias, s, y);
}
template <class T, std::size_t Rank>
void as_max_pool(TensorView<const T, Rank> x, const PoolSettings<Rank - 2>& s, TensorView<T, Rank> y,
                 std::optional<TensorView<Index, Rank>> indices) {
  max_pool<T, Rank>(x, s, y, indices);
}
template <class T, std::size_t Rank>
void as_min_pool(TensorView<const T, Rank> x, const PoolSettings<Rank - 2>& s, TensorView<T, Rank> y) {
  min_pool<T, Rank>(x, s, y);
}
template <class T, std::size_t Rank>
void as_avg_pool(TensorView<const T, Rank> x, const PoolSettings<Rank - 2>& s, TensorView<T, Rank> y) {
  avg_pool<T, Rank>(x, s, y);
}
template <class T, std::size_t Rank>
void as_batch_norm(TensorView<const T, Rank> x, const BatchNormChannels<T>& channels, const BatchNormSettings& s,
                   TensorView<T, Rank> y) {
  batch_norm<T, Rank>(x, channels, s, y);
}

std::vector<Callable> every_operator() {
  return {conv1d(as_conv<double, 3>),
          conv2d(as_conv<std::int32_t, 4>),
          conv3d(as_conv<float, 5>),
          max_pool1d(as_max_pool<float, 3>),
          max_pool2d(as_max_pool<double, 4>),
          max_pool3d(as_max_pool<std::int8_t, 5>),
          min_pool1d(as_min_pool<float, 3>),
          min_pool2d(as_min_pool<float, 4>),
          min_pool3d(as_min_pool<float, 5>),
          avg_pool1d(as_avg_pool<float, 3>),
          avg_pool2d(as_avg_pool<float, 4>),
          avg_pool3d(as_avg_pool<std::uint8_t, 5>),
          batch_norm1d(as_batch_norm<float, 2>),
          batch_norm1d(as_batch_norm<float, 3>),
          batch_norm2d(as_batch_norm<double, 4>),
          batch_norm3d(as_batch_norm<float, 5>)};
}

TEST(Callable, OfEveryOperatorGivesTheLoopsBits) {
  for (Callable& kernel : every_operator()) {
    const Report report = check(kernel.strided().unaligned(), {.random = 60});
    EXPECT_EQ(report.exit_code(), 0) << report;
    EXPECT_EQ(report.count(Verdict::exact), 60U) << report;
  }
}

}  // namespace
}  // namespace refloop
