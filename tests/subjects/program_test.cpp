// A program that is asked by lines: whatever it says or does, its case has a verdict, and the next one is asked.
#include "subjects/program.h"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>

#include "check/tensors.h"
#include "own_folder.h"
#include "refloop/check.h"
#include "subjects/line.h"

namespace refloop::subjects {
namespace {

namespace fs = std::filesystem;

constexpr const char* small = "conv1d_i5_k3_f32_integer_seed1";

/// Programs in Python without NumPy, each a text behind this one. `kernel(q)` may do as it likes with a case.
constexpr const char* head = R"(import json, mmap, os, sys, time
def say(text):
    print(text, flush=True)
def ask():
    line = sys.stdin.readline()
    if not line: sys.exit(0)
    return json.loads(line)
def memory(one):
    with open(one["file"], "r+b") as file: return mmap.mmap(file.fileno(), 0)
def of(q, name):
    return next(one for one in q["inputs"] + q["outputs"] if one["name"] == name)
def tensor(q, name):
    one = of(q, name)
    return memoryview(memory(one))[one["offset"]:].cast("f" if one["dtype"] == "f32" else "q")
def conv(q):
    x, w, y = (tensor(q, name) for name in ("input", "weight", "output"))
    stride, = q["settings"]["stride"]
    taps, count = of(q, "weight")["shape"][2], of(q, "output")["shape"][2]
    for at in range(count): y[at] = sum(w[tap] * x[at * stride + tap] for tap in range(taps))
hello = ask()
)";

class Programs : public InOwnFolder {
 protected:
  /// The command that runs the program of this text.
  std::string python(const std::string& body) const {
    const fs::path file = folder_ / ("program" + std::to_string(count_++) + ".py");
    std::ofstream(file) << head << body;
    return "python3 " + file.string();
  }
  static ProgramOptions options(const std::string& command) { return {.command = command}; }
  mutable int count_ = 0;
};

Outcome run(Program& program, const char* text = small, Place place = Place::at_the_end) {
  Prepared prepared(parse(text));
  return program.run(prepared.subject_case(), prepared.inputs(), place);
}

std::string told(const Outcome& outcome) {
  return std::string(to_text(outcome.instead)) + (outcome.reason.empty() ? "" : ": ") + outcome.reason;
}

TEST_F(Programs, GetTheCaseAndItsTensorsWhereverTheyLie) {
  Program program(options(python(R"(
say("ok: conv1d")
while True:
    q = ask()
    assert q["operator"] == "conv1d" and q["case"].startswith("conv1d_"), q
    assert q["settings"] == {"stride": [2], "padding": [0], "padding_after": [0], "dilation": [1], "groups": 1}, q
    assert hello["protocol"] == 1 and os.environ["OMP_NUM_THREADS"] == "1"
    conv(q)
    say("ok")
)")));
  EXPECT_EQ(program.operators(), std::set<std::string>{"conv1d"});
  EXPECT_TRUE(program.names_operators());
  for (const Place place : {Place::at_the_end, Place::at_the_start, Place::flush_end}) {
    for (const char* text : {"conv1d_i9_k3_s2_f32_integer_seed1", "conv1d_i4000_k3_s2_f32_integer_seed2"}) {
      Prepared prepared(parse(text));
      const Outcome outcome = program.run(prepared.subject_case(), prepared.inputs(), place);
      ASSERT_EQ(told(outcome), "EXACT") << text;
      EXPECT_EQ(digest(outcome.outputs), digest(prepared.expected(*contract(prepared.subject_case())))) << text;
    }
  }
}

TEST_F(Programs, AreToldNoneAsNullAndPairsByAxis) {
  Program program(options(python(R"(
say("ok")
while True: say("unsupported: " + json.dumps(ask()["settings"]))
)")));
  EXPECT_FALSE(program.names_operators());
  EXPECT_TRUE(program.operators().contains("batch_norm3d"));
  EXPECT_EQ(told(run(program, "avg_pool2d_i5_k2x3_p1_q0_ceil_f32_integer_seed0")),
            "SKIPPED: {\"kernel_size\": [2, 3], \"stride\": [2, 3], \"padding\": [1, 1], \"padding_after\": [0, 0], "
            "\"dilation\": [1, 1], \"ceil_mode\": true, \"count_include_pad\": true, \"divisor_override\": null}");
  EXPECT_EQ(told(run(program, "batch_norm1d_n4_train_eps0p5_f32_real_seed0")),
            "SKIPPED: {\"training\": true, \"momentum\": 0.1, \"eps\": 0.5}");
}

TEST_F(Programs, FindWhatIsUpdatedAsItComesIn) {
  Program program(options(python(R"(
say("ok")
while True:
    q = ask()
    given, due = ([one for one in q[side] if one["name"] == "running_var"][0] for side in ("inputs", "outputs"))
    values = [memoryview(memory(one))[one["offset"]:].cast("f").tolist()[:3] for one in (given, due)]
    say("unsupported: " + str(given["offset"] != due["offset"] and values[0] == values[1]))
)")));
  EXPECT_EQ(told(run(program, "batch_norm1d_n4_c3_train_stats_f32_real_seed5")), "SKIPPED: True");
}

struct Said {
  const char* name;
  const char* body;  // behind the hello, once for each case
  const char* told;  // the verdict and the reason
};
void PrintTo(const Said& said, std::ostream* out) {
  *out << said.name;
}

class Answers : public Programs, public testing::WithParamInterface<Said> {};
TEST_P(Answers, HaveTheirVerdictAndTheNextCaseIsAsked) {
  const Said& said = GetParam();
  const std::string command = python(std::string("say('ok: conv1d')\nwhile True:\n    q = ask()\n    ") + said.body);
  const bool hangs = std::string(said.told).starts_with("HUNG");
  Program program({.command = command, .time_limit = std::chrono::milliseconds(hangs ? 300 : 60'000)});
  for (const Place place : {Place::at_the_end, Place::at_the_start})
    EXPECT_EQ(told(run(program, small, place)), said.told);
}
INSTANTIATE_TEST_SUITE_P(
    All, Answers,
    testing::Values(
        Said{"unsupported", "say('unsupported')", "SKIPPED: the program does not take such a case"},
        Said{"unsupported_why", "say('unsupported:  no groups ')", "SKIPPED: no groups"},
        Said{"error", "say('error: too \\x1b[31m much')", "WRONG: reports an error: too \\x1b[31m much"},
        Said{"error_alone", "say('error')", "WRONG: reports an error"},
        Said{"another_word", "say('okay then')",
             "WRONG: says 'okay then', which is none of ok, unsupported: why, error: why"},
        Said{"nothing", "say('')", "WRONG: says '', which is none of ok, unsupported: why, error: why"},
        Said{"ends", "sys.exit(0)", "CRASHED: ended the process, with exit status 0"},
        Said{"raises", "q['nothing']", "CRASHED: ended the process, with exit status 1: KeyError: 'nothing'"},
        Said{"aborts", "os.write(2, b'assertion failed\\n'); os.abort()", "CRASHED: SIGABRT: assertion failed"},
        Said{"faults", "os.kill(os.getpid(), 11)", "CRASHED: SIGSEGV"},
        Said{"hangs", "time.sleep(100)", "HUNG: no answer within 0.3 s"},
        Said{"half_a_line", "sys.stdout.write('o'); sys.stdout.flush(); time.sleep(100)",
             "HUNG: no answer within 0.3 s"},
        Said{"writes_past", "y = of(q, 'output'); memory(y)[y['offset'] + 12] = 1; say('ok')",
             "OUTSIDE: writes 1 bytes past the end of output"},
        Said{"writes_far_past", "y = of(q, 'output'); memory(y)[y['offset'] + 4000] = 1; say('error: it is late')",
             "OUTSIDE: writes 3989 bytes past the end of output"},
        Said{"writes_before", "x = of(q, 'input'); memory(x)[x['offset'] - 8] = 1; say('ok')",
             "OUTSIDE: writes 8 bytes before input"},
        Said{"shortens", "open(of(q, 'output')['file'], 'wb').close(); say('ok')",
             "OUTSIDE: shortened the file of its tensors"},
        Said{"writes_input", "tensor(q, 'weight')[1] += 1; say('ok')", "OUTSIDE: wrote into its input weight"}),
    [](const auto& said) { return std::string(said.param.name); });

TEST_F(Programs, ThatSayTooMuchAreStartedAnewBeforeTheyAreBelieved) {
  Program program(options(python("say('ok: conv1d')\nq = ask()\nconv(q)\nsay('ok')\nsay('ok')\nask()\n")));
  EXPECT_EQ(told(run(program)), "EXACT");
  usleep(200'000);
  EXPECT_EQ(told(run(program)), "WRONG: says 'ok', which is none of ok, unsupported: why, error: why");
  EXPECT_EQ(told(run(program)), "EXACT");
}

TEST_F(Programs, ThatEndBetweenTwoCasesAreTold) {
  Program program(options(python("say('ok: conv1d')\nconv(ask())\nsay('ok')\n")));
  EXPECT_EQ(told(run(program)), "EXACT");
  usleep(500'000);
  EXPECT_EQ(told(run(program)), "CRASHED: ended the process, with exit status 0, between two cases");
  EXPECT_EQ(told(run(program)), "EXACT");
}

std::string complaint_of(const std::string& command, std::chrono::milliseconds patience = std::chrono::seconds(60)) {
  try {
    const Program program({.command = command, .patience = patience});
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

TEST_F(Programs, ThatCannotBeAskedAreToldInASentence) {
  EXPECT_EQ(complaint_of("no-such-program --fast"),
            "'no-such-program --fast' ended before it answered its first line: ended the process, with exit status "
            "127: sh: 1: exec: no-such-program: not found");
  EXPECT_EQ(complaint_of("echo Hello, world"),
            "'echo Hello, world' begins with 'Hello, world', where `ok` or `ok: conv2d` is due: standard output is its "
            "line to refloop, what else it prints is for standard error; see `refloop help program`");
  EXPECT_EQ(complaint_of("true"),
            "'true' ended before it answered its first line: ended the process, with exit status 0");
  const std::string raises = python("raise ValueError('no weights')");
  EXPECT_EQ(complaint_of(raises), "'" + raises +
                                      "' ended before it answered its first line: ended the process, with "
                                      "exit status 1: ValueError: no weights");
  EXPECT_EQ(complaint_of("sleep 100", std::chrono::milliseconds(200)),
            "'sleep 100' did not answer its first line within 0.2 s; --time-limit gives it more, and `refloop help "
            "program` says what it is to answer");
  EXPECT_TRUE(complaint_of("echo ok: conv2d conv4d")
                  .starts_with("'echo ok: conv2d conv4d' says that it has 'conv4d'; there are avg_pool1d, "));
  EXPECT_TRUE(complaint_of("yes | tr -d '\\n'").starts_with("'yes | tr -d '\\n'' begins with 'yyyyyyyy"));
}

TEST_F(Programs, LeaveNeitherProcessNorFolderBehind) {
  const auto is_there = [&](const fs::path& file) { return fs::exists(file); };
  fs::path shared;
  {
    Program program(options(python("say('ok')\nwhile True: say('unsupported: ' + ask()['inputs'][0]['file'])")));
    shared = run(program).reason;
    EXPECT_TRUE(is_there(shared)) << shared;
    EXPECT_EQ(fs::status(shared.parent_path()).permissions(), fs::perms::owner_all) << "it is nobody else's";
  }
  EXPECT_FALSE(is_there(shared.parent_path()));
  EXPECT_EQ(waitpid(-1, nullptr, WNOHANG), -1) << "a child is left";
}

TEST_F(Programs, TakeWithThemWhatTheyHaveStarted) {
  fs::path command_line;
  /// Waits a while for it to be so. Of a process that nobody has waited for the command line is empty.
  const auto runs = [&](bool expected) {
    bool is = !expected;
    for (int wait = 0; wait < 100 && is != expected; ++wait) {
      if (wait > 0) usleep(20'000);
      std::ifstream file(command_line);
      is = file.get() != std::ifstream::traits_type::eof();
    }
    return is;
  };
  {
    Program program(options(python(R"(
import subprocess
say("ok")
ask()
say("unsupported: " + str(subprocess.Popen(["sleep", "600"]).pid))
ask()
)")));
    command_line = "/proc/" + run(program).reason + "/cmdline";
    EXPECT_TRUE(runs(true)) << command_line;
  }
  EXPECT_FALSE(runs(false));
}

TEST_F(Programs, AreJudgedShrunkAndGivenUpAsLibrariesAre) {
  const std::string wrong = python(R"(
say("ok: conv1d")
while True:
    q = ask()
    if q["inputs"][0]["shape"][:2] != [1, 1] or len(q["inputs"]) > 2: say("unsupported: one channel")
    elif q["settings"]["dilation"] != [1] or q["settings"]["padding"] != [0] or q["settings"]["padding_after"] != [0]:
        say("unsupported: no padding")
    elif of(q, "weight")["shape"][0] != 1 or of(q, "input")["dtype"] != "f32": say("unsupported: one filter of f32")
    else:
        q["settings"]["stride"] = [1]
        conv(q)
        say("ok")
)");
  const Subject subject = open_program(wrong).pool.subject();
  EXPECT_EQ(subject.name, "program0.py");
  Result result = judge(parse("conv1d_i17_k3_s2_f32_integer_seed3"), subject);
  EXPECT_EQ(result.verdict, Verdict::wrong) << result.reason;
  diagnose(result, subject);
  EXPECT_EQ(result.smallest, "conv1d_i3_k1_s2_f32_coded_seed0") << result.smallest;

  const ProcessOptions hasty{.time_limit = std::chrono::milliseconds(500)};
  const Subject hangs = open_program(python("say('ok: conv1d')\nask()\ntime.sleep(100)"), hasty).pool.subject();
  for (int call = 0; call < 3; ++call) EXPECT_EQ(judge(parse(small), hangs).verdict, Verdict::hung);
  EXPECT_EQ(judge(parse(small), hangs).reason, "not run: 3 calls before did not come back in time");
}

TEST_F(Programs, AreNotStartedForEverWhereTheyStartOnlyOnce) {
  const std::string once = (folder_ / "once").string();
  const Subject subject = open_program(python("import pathlib\nplace = pathlib.Path('" + once + R"(')
if place.exists(): sys.exit('only once')
place.touch()
say('ok: conv1d')
ask()
)"))
                              .pool.subject();
  EXPECT_EQ(judge(parse(small), subject).verdict, Verdict::crashed);
  Result result;
  for (int call = 0; call < 5; ++call) result = judge(parse(small), subject);
  EXPECT_EQ(result.verdict, Verdict::skipped);
  EXPECT_EQ(result.reason, "could not be run: it could not be started again");
}

TEST(Line, KnowsThatNobodyListens) {
  Line line;
  line.start();       // closes the other ends, which nobody else has
  line.say("hello");  // no signal ends this process
  std::string heard;
  EXPECT_EQ(line.hear(heard, std::chrono::seconds(60)), Line::Came::end);
}

TEST_F(Programs, AreNotForTheSandbox) {
  try {
    open_program("true", {.sandbox = true});
    FAIL();
  } catch (const Error& error) {
    EXPECT_STREQ(error.what(), "--sandbox is for libraries: a program opens the file that its tensors are in");
  }
}

}  // namespace
}  // namespace refloop::subjects
