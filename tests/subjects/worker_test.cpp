// Whatever a kernel does to its process, its call has a verdict, and the next case is judged.
#include "subjects/worker.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <string>
#include <string_view>

#include "check/tensors.h"
#include "refloop/check.h"

namespace refloop::subjects {
namespace {

/// The library's fault is read when a worker loads it.
WorkerOptions with_fault(const char* fault) {
  setenv("REFLOOP_TEST_FAULT", fault, 1);
  const bool hangs = std::string_view(fault) == "hangs";  // the others have all the time that a busy machine takes
  return {.kernels = {"library", REFLOOP_FAULTY},
          .threads = 1,
          .time_limit = std::chrono::milliseconds(hangs ? 300 : 60'000),
          .sandbox = false};
}

Outcome run(Worker& worker, const char* text, Place place = Place::at_the_end) {
  Prepared prepared(parse(text));
  return worker.run(prepared.subject_case(), prepared.inputs(), place);
}

// 16 input elements and 16 output elements: 64 bytes, so that each ends exactly at a guard page.
constexpr const char* filling = "conv1d_c2_i8_o2_k1_f32_integer_seed1";
// 5 and 3 elements: behind them lie canaries.
constexpr const char* odd = "conv1d_i5_k3_f32_integer_seed1";

struct Died {
  const char* fault;
  const char* text;
  Place place;
  Verdict verdict;
  const char* reason;
};
void PrintTo(const Died& died, std::ostream* out) {
  *out << died.fault;
}

class Faults : public testing::TestWithParam<Died> {};
TEST_P(Faults, AreToldAndTheNextCallIsAnswered) {
  const Died& died = GetParam();
  Worker worker(with_fault(died.fault));
  for (int round = 0; round < 2; ++round) {
    const Outcome outcome = run(worker, died.text, died.place);
    EXPECT_EQ(to_text(outcome.instead), to_text(died.verdict)) << outcome.reason;
    EXPECT_EQ(outcome.reason, died.reason);
  }
  setenv("REFLOOP_TEST_FAULT", "none", 1);
  const bool has_died = std::string_view(died.reason).starts_with("SIG") || died.verdict == Verdict::hung ||
                        std::string_view(died.reason).starts_with("ended");
  if (!has_died) return;  // it lives on, with its fault
  const Outcome next = run(worker, odd);
  EXPECT_EQ(next.instead, Verdict::exact) << "a new worker took over: " << next.reason;
}
constexpr auto end = Place::at_the_end, start = Place::at_the_start, flush = Place::flush_end;
INSTANTIATE_TEST_SUITE_P(
    All, Faults,
    testing::Values(
        Died{"reads before input", odd, start, Verdict::crashed, "SIGSEGV: reads 4 bytes before input"},
        Died{"reads past input", filling, end, Verdict::crashed, "SIGSEGV: reads 4 bytes past the end of input"},
        Died{"reads past input", odd, flush, Verdict::crashed, "SIGSEGV: reads 4 bytes past the end of input"},
        Died{"reads far past input", filling, end, Verdict::crashed, "SIGSEGV: reads 200 bytes past the end of input"},
        Died{"writes past output", filling, end, Verdict::outside, "SIGSEGV: writes 4 bytes past the end of output"},
        Died{"writes past output", odd, end, Verdict::outside, "writes 4 bytes past the end of output"},
        Died{"writes before output", filling, start, Verdict::outside, "SIGSEGV: writes 4 bytes before output"},
        Died{"writes before output", odd, end, Verdict::outside, "writes 4 bytes before output"},
        Died{"writes into input", odd, end, Verdict::outside, "SIGSEGV: writes into input, which is an input"},
        Died{"reads null", odd, end, Verdict::crashed, "SIGSEGV: reads address 0x0 (a null pointer)"},
        Died{"overflows", odd, end, Verdict::crashed, "threw: \\x1b[31mtoo much"},
        Died{"throws an int", odd, end, Verdict::crashed, "threw something that is no std::exception"},
        Died{"exits", odd, end, Verdict::crashed, "ended the process, with exit status 0"},
        Died{"leaves", odd, end, Verdict::crashed, "ended the process, with exit status 3"},
        Died{"aborts", odd, end, Verdict::crashed, "SIGABRT: abort"},
        Died{"says why and aborts", odd, end, Verdict::crashed, "SIGABRT: assertion failed: rows > 0"},
        Died{"closes stdout", odd, end, Verdict::outside, "closed standard output"},
        Died{"hangs", odd, end, Verdict::hung, "no answer within 0.3 s"},
        Died{"answers for the worker", odd, end, Verdict::outside,
             "writes into the line between the judge and the process that it runs in"}));

/// A thread may come late: then it meets the output of an earlier call.
TEST(Worker, TellsOfAThreadThatWritesWhenTheCallHasReturned) {
  Worker worker(with_fault("writes later"));
  Prepared prepared(parse(odd));
  Outcome outcome;
  for (int call = 0; call < 1000 && outcome.instead == Verdict::exact; ++call) {
    outcome = run(worker, odd);
    if (outcome.instead != Verdict::exact) break;
    EXPECT_EQ(digest(outcome.outputs), digest(prepared.expected(*contract(prepared.subject_case()))))
        << "what was returned can't be changed";
  }
  EXPECT_EQ(outcome.instead, Verdict::outside) << outcome.reason;
  EXPECT_TRUE(outcome.reason == "SIGSEGV: writes into output after the call had returned" ||
              outcome.reason == "SIGSEGV: writes into output of an earlier call, after that had returned")
      << outcome.reason;
}

TEST(Worker, GivesOutputsInTheMemoryThatTheCaseAsksFor) {
  Worker worker(with_fault("none"));
  for (const char* text :
       {"conv1d_n2_c3_i7_o4_k3_p1_f32_integer_seed3", "conv1d_n2_c3_i7_o4_k3_p1_strided_f32_integer_seed3",
        "conv1d_n2_c3_i7_o4_k3_p1_channelslast_offset3_f32_integer_seed3", "conv1d_n0_i5_k3"}) {
    Prepared prepared(parse(text));
    const Outcome outcome = worker.run(prepared.subject_case(), prepared.inputs(), Place::at_the_end);
    ASSERT_EQ(outcome.instead, Verdict::exact) << text << ": " << outcome.reason;
    EXPECT_EQ(digest(outcome.outputs), digest(prepared.expected(*contract(prepared.subject_case())))) << text;
  }
}

TEST(Worker, HoldsOutAgainstWhatIsHarmless) {
  for (const char* fault : {"shrinks the memory", "has a timer"}) {
    Worker worker(with_fault(fault));
    for (int call = 0; call < 20; ++call) {
      const Outcome outcome = run(worker, odd);
      ASSERT_EQ(outcome.instead, Verdict::exact) << fault << ": " << outcome.reason;
      usleep(2000);
    }
  }
}

TEST(Worker, TakesCallsOfAnySize) {
  Worker worker(with_fault("none"));
  for (const char* text : {"conv1d_i5_k3", "conv1d_i2000000_k1", "conv1d_i5_k3"}) {
    EXPECT_EQ(run(worker, text).instead, Verdict::exact) << text;
  }
}

TEST(Worker, SkipsWhatTheKernelDoesNotTake) {
  Worker worker(with_fault("none"));
  const Outcome outcome = run(worker, "conv1d_i5_k3_f64");
  EXPECT_EQ(outcome.instead, Verdict::skipped);
  EXPECT_EQ(outcome.reason, "it takes f32");
}

TEST(Worker, KnowsWhatIsExported) {
  EXPECT_EQ(Worker(with_fault("none")).operators(), std::set<std::string>{"conv1d"});
}

std::string complaint_of(const char* library) {
  try {
    const Worker worker({.kernels = {"library", library}});
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

TEST(Worker, SaysWhatCannotBeLoaded) {
  EXPECT_NE(complaint_of("/dev/null").find("can't load /dev/null: "), std::string::npos) << complaint_of("/dev/null");
  setenv("REFLOOP_TEST_FAULT", "no such fault", 1);  // throws while it is loaded
  const std::string said = complaint_of(REFLOOP_FAULTY);
  setenv("REFLOOP_TEST_FAULT", "none", 1);
  EXPECT_NE(said.find("can't be loaded: the process that tried came to its end: SIGABRT"), std::string::npos) << said;
}

TEST(Worker, LeavesNoProcessBehind) {
  pid_t before = 0;
  {
    Worker worker(with_fault("none"));
    run(worker, odd);
    before = getpid();
  }
  EXPECT_EQ(before, getpid());
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
}

}  // namespace
}  // namespace refloop::subjects
