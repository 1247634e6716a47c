// --baseline and --accept: what a run tells of an earlier one, and what its exit status is.
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>

#include "cli/program.h"

namespace refloop::cli {
namespace {

namespace fs = std::filesystem;

class Baseline : public InOwnShell {
 protected:
  /// `right/conv_4_lanes`, on the same few cases each time unless others are named.
  Printed check(const std::string& kernel, const std::string& arguments) const {
    const bool names_cases = contains(arguments, "--case") || contains(arguments, "--random");
    return run_here("refloop check --lib '" REFLOOP_KERNELS "/" + kernel + ".so' --op conv2d " +
                    (names_cases ? "" : "--like conv2d_f32 --random 40 ") +
                    (contains(arguments, "--failures") ? "" : "--failures none ") + arguments);
  }
  /// The report of a right kernel, which the other is held to.
  void write_baseline(const std::string& kernel = "right/conv2d_tiled") const {
    const Printed printed = check(kernel, "--baseline base.json --accept");
    ASSERT_TRUE(contains(printed.text, "accepted: base.json holds 40 results\n")) << printed.text;
  }
};

/// The number behind `  name: `, or 0.
int count_of(const Printed& printed, const std::string& name) {
  std::smatch found;
  return std::regex_search(printed.text, found, std::regex("\n  " + name + ": ([0-9]+)\\b")) ? std::stoi(found[1]) : 0;
}

TEST_F(Baseline, OfTheSameKernelFindsNothingWorse) {
  write_baseline();
  const Printed printed = check("right/conv2d_tiled", "--baseline base.json");
  EXPECT_EQ(printed.status, 0) << printed.text;
  EXPECT_TRUE(contains(printed.text, "held to base.json, 40 results of conv2d_tiled.so:\n  as before: 40\n"))
      << printed.text;
  EXPECT_TRUE(contains(printed.text, "agree in every bit that was compared\nnothing got worse than in base.json\n"))
      << printed.text;
}

/// Right kernels of different orders, under different names: other bits of random floats, and nothing worse.
TEST_F(Baseline, TellsOfAReorderingAndDoesNotAccuseIt) {
  write_baseline();
  const Printed printed = check("right/conv_tap_by_tap", "--baseline base.json");
  EXPECT_EQ(printed.status, 0) << printed.text;
  const int changed = count_of(printed, "bits changed though still right");
  EXPECT_GT(changed, 0) << printed.text;
  EXPECT_EQ(count_of(printed, "as before"), 40 - changed) << printed.text;
  EXPECT_TRUE(std::regex_search(
      printed.text, std::regex("    channels_then_taps +taps_then_channels, in order +[0-9]+  conv2d_[a-z0-9_]*real")))
      << printed.text;
  EXPECT_TRUE(contains(printed.text, "nothing got worse than in base.json\n")) << printed.text;
  const Printed lanes = check("right/conv_4_lanes", "--baseline base.json");
  EXPECT_EQ(lanes.status, 0) << "EXACT before and BOUNDED now is right: " << lanes.text;
  EXPECT_TRUE(contains(lanes.text, "no known order (BOUNDED, direct)")) << lanes.text;
}

TEST_F(Baseline, TellsTheStoriesOfWhatNewlyFails) {
  write_baseline();
  const Printed printed = check("wrong/conv2d_dilation_ignored", "--baseline base.json");
  EXPECT_EQ(printed.status, 1) << printed.text;
  const int failing = count_of(printed, "newly failing");
  EXPECT_GT(failing, 0) << printed.text;
  EXPECT_TRUE(std::regex_search(printed.text, std::regex("    before  now    case\n    EXACT   WRONG  conv2d_")))
      << printed.text;
  EXPECT_TRUE(contains(printed.text, "same bits as the known mistake dilation_ignored")) << printed.text;
  EXPECT_TRUE(contains(printed.text, "\nworse than base.json in " + std::to_string(failing) + " cases\n"))
      << printed.text;
}

TEST_F(Baseline, TellsOfWhatPassesNow) {
  write_baseline("wrong/conv2d_dilation_ignored");
  const Printed printed = check("right/conv2d_tiled", "--baseline base.json");
  EXPECT_EQ(printed.status, 0) << printed.text;
  EXPECT_GT(count_of(printed, "newly passing"), 0) << printed.text;
  EXPECT_TRUE(contains(printed.text, "    WRONG   EXACT  conv2d_")) << printed.text;
}

/// It was wrong, and is no worse: no story, and status 0. The one case more that fails is new.
TEST_F(Baseline, OfAWrongKernelAsksOnlyForNoMoreFailures) {
  write_baseline("wrong/conv2d_dilation_ignored");
  const Printed same = check("wrong/conv2d_dilation_ignored", "--baseline base.json");
  EXPECT_EQ(same.status, 0) << same.text;
  EXPECT_GT(count_of(same, "failing as before"), 0) << same.text;
  EXPECT_FALSE(contains(same.text, "smallest case that still fails")) << same.text;
  const Printed more = check("wrong/conv2d_dilation_ignored", "--baseline base.json --random 50 --like conv2d_f32");
  EXPECT_EQ(more.status, 1) << more.text;
  EXPECT_GT(count_of(more, "new and failing"), 0) << more.text;
  EXPECT_TRUE(contains(more.text, "    -       WRONG  conv2d_")) << more.text;
  EXPECT_TRUE(contains(more.text, "smallest case that still fails")) << more.text;
}

/// What failures are shrunk to is run first the next time, and is nothing new.
TEST_F(Baseline, KnowsTheSmallestCasesOfItsFailures) {
  const std::string options = "--random 40 --like conv2d_f32 --baseline base.json --failures kept";
  const Printed first = check("wrong/conv2d_dilation_ignored", options + " --accept");
  ASSERT_EQ(first.status, 1) << first.text;
  const std::string kept = read("kept");
  ASSERT_TRUE(contains(kept, "conv2d_")) << first.text;
  for (int run = 0; run < 2; ++run) {
    const Printed again = check("wrong/conv2d_dilation_ignored", options + (run == 0 ? " --accept" : ""));
    EXPECT_EQ(again.status, 0) << again.text;
    EXPECT_EQ(count_of(again, "new and failing"), 0) << again.text;
    EXPECT_EQ(read("kept"), kept);
  }
}

TEST_F(Baseline, SeesThatAKernelCrashesWhereItWasWrong) {
  const std::string cases = "--case conv2d_i9_k3_d2 --case conv2d_i9_k3 --baseline base.json ";
  ASSERT_EQ(check("wrong/conv2d_dilation_ignored", cases + "--accept").status, 1);
  const Printed printed = check("cheats/hostile_aborts", cases);
  EXPECT_EQ(printed.status, 1) << printed.text;
  EXPECT_EQ(count_of(printed, "newly failing"), 1) << printed.text;
  EXPECT_EQ(count_of(printed, "failing worse"), 1) << printed.text;
  EXPECT_TRUE(contains(printed.text, "    EXACT   CRASHED  conv2d_i9_k3_f32")) << printed.text;
  EXPECT_TRUE(contains(printed.text, "    WRONG   CRASHED  conv2d_i9_k3_d2_f32")) << printed.text;
  EXPECT_EQ(check("wrong/conv2d_dilation_ignored", cases).status, 0);
}

/// A kernel is asked what it takes, and what it refuses is not drawn: what it took before is run all the same.
TEST_F(Baseline, SeesWhatAKernelTakesNoMore) {
  write_baseline();
  const Printed printed = check("right/conv2d_only_k3_s1_p1", "--baseline base.json");
  EXPECT_EQ(printed.status, 1) << printed.text;
  EXPECT_GT(count_of(printed, "refused now"), 0) << printed.text;
  EXPECT_TRUE(contains(printed.text, "    EXACT   SKIPPED  conv2d_")) << printed.text;
  const Printed asked =
      check("right/conv2d_only_k3_s1_p1", "--baseline base.json --random 50 --like conv2d_k3_s1_p1_f32");
  EXPECT_EQ(count_of(asked, "refused now"), 0) << "nobody asked for other cases: " << asked.text;
}

TEST_F(Baseline, CountsWhatWasNotRunAndWhatIsNew) {
  write_baseline();
  const Printed some = check("right/conv2d_tiled", "--baseline base.json --random 60 --like conv2d_f32 --shard 1/2");
  EXPECT_EQ(some.status, 0) << some.text;
  EXPECT_EQ(count_of(some, "as before") + count_of(some, "not run this time"), 40) << some.text;
  EXPECT_GT(count_of(some, "not run this time"), 0) << some.text;
  EXPECT_GT(count_of(some, "new"), 0) << some.text;
  const Printed none = check("right/conv2d_tiled", "--baseline base.json --case conv2d_i9_k3");
  EXPECT_EQ(none.status, 1) << none.text;
  EXPECT_TRUE(contains(none.text, "nothing was compared with base.json: none of its cases was run\n")) << none.text;
}

/// Accepting is for later runs: this one got worse all the same.
TEST_F(Baseline, IsWhatWasAcceptedLast) {
  write_baseline();
  const Printed accepting = check("wrong/conv2d_dilation_ignored", "--baseline base.json --accept");
  EXPECT_EQ(accepting.status, 1) << accepting.text;
  EXPECT_TRUE(contains(accepting.text, "accepted: base.json holds 40 results\n")) << accepting.text;
  EXPECT_EQ(check("wrong/conv2d_dilation_ignored", "--baseline base.json").status, 0);
  EXPECT_TRUE(contains(read("base.json"), "\"smallest\": \"conv2d_")) << "it is a report as any other";
  EXPECT_FALSE(contains(read("base.json"), "--accept"));
}

TEST_F(Baseline, KeepsWhatWasNotRunWhenItIsAccepted) {
  write_baseline();
  const std::string before = read("base.json");
  const Printed printed =
      check("right/conv_tap_by_tap", "--baseline base.json --accept --random 60 --like conv2d_f32 --shard 1/2");
  EXPECT_EQ(printed.status, 0) << printed.text;
  const int kept = count_of(printed, "not run this time");
  EXPECT_GT(kept, 0) << printed.text;
  EXPECT_TRUE(contains(printed.text, ", " + std::to_string(kept) + " of them as they were, since they were not run\n"))
      << printed.text;
  const Printed again =
      check("right/conv_tap_by_tap", "--baseline base.json --random 60 --like conv2d_f32 --shard 1/2");
  EXPECT_EQ(count_of(again, "as before"), 40 - kept + count_of(printed, "new")) << again.text;
  EXPECT_EQ(count_of(again, "not run this time"), kept) << again.text;
  EXPECT_TRUE(contains(read("base.json"), "\"shard\": null")) << "it is more than the shard";
}

TEST_F(Baseline, IsLeftAsItIsByARunThatIsInterrupted) {
  write_baseline();
  const std::string before = read("base.json");
  const Printed printed = run_line("cd '" + folder_.string() +
                                   "' && timeout --preserve-status -s INT 1 refloop check --lib '" REFLOOP_KERNELS
                                   "/right/conv_tap_by_tap.so' --op conv2d --random 100000000 --baseline base.json "
                                   "--accept --failures none");
  EXPECT_EQ(printed.status, 2) << printed.text;
  EXPECT_TRUE(contains(printed.text, "interrupted: this is what was done until then; base.json stays as it was\n"))
      << printed.text;
  EXPECT_EQ(read("base.json"), before);
  EXPECT_EQ(std::distance(fs::directory_iterator(folder_), {}), 1) << "nothing is left beside it";
}

TEST_F(Baseline, IsRefusedInOneSentenceWhereItCannotBeCompared) {
  write_baseline();
  const std::string good = read("base.json");
  const auto changed = [&](const std::string& from, const std::string& to) {
    std::string bad = good;
    bad.replace(bad.find(from), from.size(), to);
    write("bad.json", bad);
  };
  const auto refusal = [&](const std::string& arguments) {
    const Printed printed = check("right/conv2d_tiled", arguments);
    EXPECT_EQ(printed.status, 2) << arguments << printed.text;
    EXPECT_EQ(std::count(printed.text.begin(), printed.text.end(), '\n'), 1) << printed.text;
    return printed.text;
  };
  EXPECT_EQ(refusal("--accept"), "refloop: --accept requires --baseline; refloop check --help says what is accepted\n");
  EXPECT_EQ(refusal("--baseline no.json"), "refloop: there is no file no.json; --accept creates it\n");
  EXPECT_EQ(refusal("--baseline ."), "refloop: can't read .\n");
  EXPECT_EQ(refusal("--baseline . --accept"), "refloop: --accept takes a regular file, which . is not\n");
  EXPECT_TRUE(contains(refusal("--baseline no/such.json --accept"), "No such file or directory"));
  write("bad.json", "<testsuites/>");
  EXPECT_TRUE(contains(refusal("--baseline bad.json"), "refloop: bad.json is no report of refloop: "));
  write("bad.json", "{\"results\": 1}");
  EXPECT_TRUE(contains(refusal("--baseline bad.json"), "refloop: bad.json is no report of refloop: "));
  changed("\"check\"", "\"parity\"");
  EXPECT_EQ(refusal("--baseline bad.json"), "refloop: bad.json is a report of refloop parity, not of refloop check\n");
  changed("\"conv2d_tiled.so\"", "\"other.so\"");
  EXPECT_EQ(refusal("--baseline bad.json"),
            "refloop: bad.json has results of conv2d_tiled.so and other.so; refloop check is held to those of one\n");
  EXPECT_EQ(refusal("--baseline base.json --invariant"),
            "refloop: base.json is a report of a run without --invariant, and this is one with\n");
  EXPECT_EQ(refusal("--baseline base.json --report json:./base.json"),
            "refloop: --report json:./base.json would overwrite the baseline; --accept does so, and keeps what was not "
            "run\n");
  EXPECT_EQ(read("base.json"), good);
  changed("\"results\": [", "\"results\": [], \"others\": [");
  EXPECT_EQ(refusal("--baseline bad.json"),
            "refloop: bad.json is a report without results: nothing can be held to it\n");
}

/// Texts of another version may be no cases any more: the version is told, not that.
TEST_F(Baseline, OfOtherDataIsRefused) {
  write_baseline();
  const std::regex data("\"data\": [0-9]+"), family("\"case\": \"conv2d");
  write("old.json",
        std::regex_replace(std::regex_replace(read("base.json"), data, "\"data\": 1"), family, "\"case\": \"cv"));
  const Printed printed = check("right/conv2d_tiled", "--baseline old.json");
  EXPECT_EQ(printed.status, 2);
  EXPECT_TRUE(contains(printed.text, "refloop: old.json is of version 1 of the data, and here ")) << printed.text;
}

TEST_F(Baseline, OfInvarianceIsHeldToByInvariance) {
  const std::string options = "--invariant --random 40 --like conv2d_n3_f32 --baseline base.json ";
  EXPECT_EQ(check("right/conv2d_tiled", options + "--accept").status, 0);
  EXPECT_EQ(check("right/conv2d_tiled", options).status, 0);
  const Printed wrong = check("wrong/conv2d_images_shifted", options);
  EXPECT_EQ(wrong.status, 1) << wrong.text;
  EXPECT_GT(count_of(wrong, "newly failing"), 0) << wrong.text;
}

TEST_F(Baseline, OfLibTorchIsHeldToPathByPath) {
  if (!has_torch()) GTEST_SKIP() << "built without LibTorch";
  const auto parity = [&](const std::string& arguments) {
    return run_line("cd '" + folder_.string() +
                    "' && refloop parity --op max_pool2d --random 50 --baseline base.json " + arguments);
  };
  EXPECT_EQ(parity("--torch native --torch module --accept").status, 0);
  const Printed printed = parity("--torch native");
  EXPECT_EQ(printed.status, 0) << printed.text;
  EXPECT_EQ(count_of(printed, "as before"), 50) << printed.text;
  EXPECT_EQ(count_of(printed, "not run this time"), 50) << printed.text;
  EXPECT_TRUE(std::regex_search(printed.text, std::regex("100 results of module, native \\(LibTorch [0-9.]+\\):")))
      << printed.text;
}

TEST_F(Baseline, IsExplained) {
  const Printed printed = run_line("refloop help verdicts");
  for (const char* part : {"With --baseline F ", "newly failing", "bits changed though still right", "not worse"}) {
    EXPECT_TRUE(contains(printed.text, part)) << printed.text;
  }
}

}  // namespace
}  // namespace refloop::cli
