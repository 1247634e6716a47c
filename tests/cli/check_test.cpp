// refloop check, as somebody with a kernel of their own meets it.
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

class Check : public InOwnShell {
 protected:
  /// With the corpus' libraries under their own names: `wrong/conv2d_dilation_ignored.so`.
  Printed run(const std::string& arguments) const {
    return run_here("ln -sfn '" REFLOOP_KERNELS "' kernels && refloop check " + arguments);
  }
};

TEST_F(Check, OfARightKernelSaysWhatItTakesWhatWasExercisedAndExact) {
  const Printed printed = run("--lib kernels/right/conv2d_only_k3_s1_p1.so --tier smoke --report json:report.json");
  EXPECT_EQ(printed.status, 0) << printed.text;
  EXPECT_TRUE(contains(printed.text, "conv2d_only_k3_s1_p1.so has conv2d\n")) << printed.text;
  EXPECT_TRUE(contains(printed.text, "takes cases like conv2d_k3_s1_p1")) << printed.text;
  EXPECT_TRUE(contains(printed.text, "never: ")) << printed.text;
  EXPECT_TRUE(contains(printed.text, "stride")) << printed.text;
  EXPECT_TRUE(contains(printed.text, "EXACT: the loops and kernels/right/conv2d_only_k3_s1_p1.so agree"))
      << printed.text;
  EXPECT_FALSE(contains(printed.text, "SKIPPED")) << "cases that it refuses are not drawn: " << printed.text;
  EXPECT_TRUE(contains(read("report.json"), "\"libtorch\": null"));
  EXPECT_FALSE(fs::exists(folder_ / "conv2d_only_k3_s1_p1.failed-cases"));
}

TEST_F(Check, OfAWrongKernelTellsItsStory) {
  const Printed printed = run("--lib kernels/wrong/conv2d_dilation_ignored.so --tier smoke");
  EXPECT_EQ(printed.status, 1) << printed.text;
  for (const char* part :
       {"same bits as the known mistake dilation_ignored", "smallest case that still fails: conv2d_",
        "it takes: dilation (d", "; not: ", " reads input[0, 0, ", "] in place of input[0, 0, ", "EXPECTED OUTPUT (",
        "GOT OUTPUT (", "again: refloop check --lib kernels/wrong/conv2d_dilation_ignored.so --case conv2d_"}) {
    EXPECT_TRUE(contains(printed.text, part)) << part << "\n" << printed.text;
  }
}

TEST_F(Check, ReproducesWithTheLineThatItPrints) {
  const Printed printed = run("--lib kernels/wrong/conv2d_dilation_ignored.so --tier smoke --sandbox --time-limit 5");
  std::smatch line;
  ASSERT_TRUE(std::regex_search(printed.text, line, std::regex("again: refloop check (.*)"))) << printed.text;
  EXPECT_TRUE(contains(line[1], "--sandbox")) << line[1];
  const Printed again = run(line[1]);
  EXPECT_EQ(again.status, 1) << again.text;
  EXPECT_TRUE(contains(again.text, "(this one)")) << again.text;
}

TEST_F(Check, KeepsFailingCasesAndRunsThemFirst) {
  const std::string wrong = "--lib kernels/wrong/conv2d_dilation_ignored.so --tier smoke";
  EXPECT_TRUE(contains(run(wrong).text, " failing cases are kept in conv2d_dilation_ignored.failed-cases"));
  const std::string kept = read("conv2d_dilation_ignored.failed-cases");
  EXPECT_TRUE(contains(kept, "\nconv2d_")) << kept;
  const Printed mended =
      run("--lib kernels/right/conv2d_tiled.so --tier smoke --failures conv2d_dilation_ignored.failed-cases");
  EXPECT_EQ(mended.status, 0) << mended.text;
  EXPECT_FALSE(fs::exists(folder_ / "conv2d_dilation_ignored.failed-cases")) << "what passes is taken off";
}

TEST_F(Check, GivesOtherMemoryOnlyWhereItIsAskedFor) {
  const std::regex elsewhere("\"case\": \"[a-z0-9_]*(strided|slice|transposed|channelslast|offset)");
  for (const char* cases : {"--tier smoke ", "--random 300 "}) {
    const std::string command = std::string("--lib " REFLOOP_MINE " --report json:report.json ") + cases;
    ASSERT_EQ(run(command).status, 0);
    EXPECT_FALSE(std::regex_search(read("report.json"), elsewhere)) << cases;
    ASSERT_EQ(run(command + "--strided --unaligned").status, 0);
    EXPECT_TRUE(std::regex_search(read("report.json"), elsewhere)) << cases;
  }
}

TEST_F(Check, ReplaysOnlyWhatItsOptionsAllow) {
  std::ofstream(folder_ / "conv2d_tiled.failed-cases")
      << "# Cases that failed: `refloop check` runs them first, and takes off those that pass.\n"
      << "conv2d_i5_k3_strided_f32_integer_seed0\nconv2d_i5_k3_f32_integer_seed0\n";
  const Printed printed = run("--lib kernels/right/conv2d_tiled.so --random 20 --report json:report.json");
  EXPECT_EQ(printed.status, 0) << printed.text;
  EXPECT_TRUE(contains(read("report.json"), "\"conv2d_i5_k3_f32_integer_seed0\""));
  EXPECT_FALSE(contains(read("report.json"), "\"conv2d_i5_k3_strided_f32_integer_seed0\""));
  EXPECT_TRUE(contains(read("conv2d_tiled.failed-cases"), "conv2d_i5_k3_strided_f32_integer_seed0"))
      << "what was not run is kept";
  EXPECT_FALSE(contains(read("conv2d_tiled.failed-cases"), "\nconv2d_i5_k3_f32_integer_seed0")) << "what passed is not";
}

TEST_F(Check, OverwritesNobodysFile) {
  std::ofstream(folder_ / "notes.txt") << "precious\n";
  const Printed printed = run("--lib kernels/right/conv2d_tiled.so --tier smoke --failures notes.txt");
  EXPECT_EQ(printed.status, 2) << printed.text;
  EXPECT_EQ(read("notes.txt"), "precious\n");
}

TEST_F(Check, ReachesTheEndAndTheReportWhateverTheKernelDoes) {
  for (const char* kernel : {"exits", "aborts", "closes_stdout", "throws_int", "frees_input"}) {
    fs::remove(folder_ / "report.json");
    const Printed printed = run(std::string("--lib kernels/cheats/hostile_") + kernel +
                                ".so --random 40 --like conv2d_f32_integer_dense_offset0 --report json:report.json");
    EXPECT_EQ(printed.status, 1) << kernel << printed.text;
    EXPECT_TRUE(contains(read("report.json"), "\"cases\": 40")) << kernel;
  }
}

TEST_F(Check, RefusesInOneSentenceWhatIsNoKernel) {
  const auto refusal = [&](const std::string& arguments) {
    const Printed printed = run(arguments);
    EXPECT_EQ(printed.status, 2) << arguments << printed.text;
    EXPECT_EQ(std::count(printed.text.begin(), printed.text.end(), '\n'), 1) << printed.text;
    return printed.text;
  };
  EXPECT_EQ(refusal("--lib missing.so"), "refloop: there is no file missing.so\n");
  EXPECT_TRUE(contains(refusal("--lib /dev/null"), "refloop: can't load /dev/null: "));
  EXPECT_TRUE(contains(refusal("--lib kernels/right/conv2d_tiled.so --tier soak"), "--tier soak takes --minutes M"));
  EXPECT_TRUE(contains(refusal("--tier smoke"), "1 option from [--lib,--exec"));
}

TEST_F(Check, OfWhatNothingIsComparedEndsWithOne) {
  for (const char* tier : {"smoke", "soak --minutes 0.01"}) {
    const Printed printed = run(std::string("--lib kernels/cheats/all_unsupported.so --tier ") + tier);
    EXPECT_EQ(printed.status, 1) << printed.text;
    EXPECT_TRUE(contains(printed.text, "nothing was compared")) << printed.text;
  }
}

TEST_F(Check, WantsNothingOfOperatorsThatNoPatternIsLike) {
  const std::string lib = "--lib kernels/right/max_pool_clipped.so --tier smoke ";  // in one, two and three axes
  const Printed printed = run(lib + "--like max_pool2d_k2_f32");
  EXPECT_EQ(printed.status, 0) << printed.text;
  const Printed both = run(lib + "--like max_pool2d_k2_f32 --like max_pool1d_f32 --filter max_pool2d");
  EXPECT_EQ(both.status, 1) << both.text;
  EXPECT_TRUE(contains(both.text, "nothing was compared of max_pool1d\n")) << both.text;
}

/// What is declared stands in the report and in the line that runs a failure again.
TEST_F(Check, TakesWhatAKernelSaysOfItself) {
  const std::string lib = "--lib kernels/right/conv2d_winograd_4x4.so ";
  const Printed undeclared = run(lib + "--case conv2d_c4_i9_o3_k3_p1_f32_integer_seed1");
  EXPECT_EQ(undeclared.status, 1);
  EXPECT_TRUE(
      contains(undeclared.text, "within what Winograd F(4x4,3x3) may lose: declare it with --algorithm winograd-4x4"))
      << undeclared.text;
  const Printed declared = run(lib + "--random 50 --algorithm winograd-4x4 --report json:report.json");
  EXPECT_EQ(declared.status, 0) << declared.text;
  EXPECT_TRUE(contains(read("report.json"), "\"declared\": {\n  \"algorithm\": \"winograd-4x4\"\n }"))
      << read("report.json").substr(0, 600);
  const Printed exact =
      run(lib + "--case conv2d_c4_i9_o3_k3_p1_f32_real_seed1 --algorithm winograd-4x4 --require exact");
  EXPECT_EQ(exact.status, 1);
  EXPECT_TRUE(contains(exact.text, "again: refloop check " + lib + "--algorithm winograd-4x4 --require exact --case"))
      << exact.text;
}

TEST_F(Check, AsksAKernelForItsOwnInvariance) {
  const Printed right = run("--lib kernels/right/conv2d_tiled.so --random 30 --like conv2d_f32 --invariant");
  EXPECT_EQ(right.status, 0) << right.text;
  EXPECT_TRUE(contains(right.text, "gives the same bits in every variation; no reference was computed")) << right.text;
  const Printed wrong =
      run("--lib kernels/wrong/conv2d_images_shifted.so --random 60 --like conv2d_n3_f32 --invariant");
  EXPECT_EQ(wrong.status, 1) << wrong.text;
  EXPECT_TRUE(contains(wrong.text, "alone: ")) << wrong.text;
  EXPECT_TRUE(contains(wrong.text, " --invariant --case ")) << wrong.text;
}

TEST_F(Check, FindsTheOrderOfAKernel) {
  const Printed printed =
      run("--help > help.txt; refloop order conv2d_c4_i6_o2_k3_f32 --lib kernels/right/conv_3_lanes.so");
  EXPECT_EQ(printed.status, 0) << printed.text;
  EXPECT_TRUE(
      contains(printed.text, "all 32 outputs: 3 chains c,kh, term t in chain t mod 3, joined one by one, separate"))
      << printed.text;
  const Printed none = run("--help > help.txt; refloop order max_pool2d_i6_k3 --lib kernels/right/conv_3_lanes.so");
  EXPECT_EQ(none.status, 2);
  EXPECT_EQ(none.text, "refloop: max_pool2d has no sums whose order could be found; conv and avg_pool have\n");
}

TEST_F(Check, MergesShards) {
  for (const char* shard : {"1", "2"}) {
    const Printed printed = run(std::string("--lib kernels/right/conv2d_tiled.so --tier smoke --shard ") + shard +
                                "/2 --report json:" + shard + ".json");
    EXPECT_EQ(printed.status, 0) << printed.text;
  }
  const Printed merged = run_line("cd '" + folder_.string() + "' && refloop merge 1.json 2.json");
  EXPECT_EQ(merged.status, 0) << merged.text;
  EXPECT_TRUE(contains(merged.text, "EXACT: the loops and the kernel agree")) << merged.text;
}

/// The commands of the README's section, as they stand there: in a folder with the sources beside it.
TEST_F(Check, IsWhatTheReadmeSays) {
  std::ifstream file(fs::path(REFLOOP_SOURCE) / "README.md");
  std::ostringstream text;
  text << file.rdbuf();
  const std::string readme = text.str();
  const auto section = readme.find("## Check your own kernel");
  ASSERT_NE(section, std::string::npos);
  const std::string fence = "```sh\n";
  const auto start = readme.find(fence, section) + fence.size();
  std::istringstream lines(readme.substr(start, readme.find("```", start) - start));
  for (const char* name : {"include", "tests"}) fs::create_symlink(fs::path(REFLOOP_SOURCE) / name, folder_ / name);
  int commands = 0;
  Printed last;
  for (std::string line; std::getline(lines, line); ++commands) {
    last = run_line("cd '" + folder_.string() + "' && " + std::regex_replace(line, std::regex("build/src/cli/"), ""));
    EXPECT_EQ(last.status, 0) << line << "\n" << last.text;
  }
  EXPECT_EQ(commands, 2);
  EXPECT_TRUE(contains(last.text, "./libmine.so has conv2d\nconv2d: takes cases like conv2d_f32\n")) << last.text;
  EXPECT_TRUE(contains(last.text, "EXACT: the loops and ./libmine.so agree in every bit that was compared\n"))
      << last.text;
}

}  // namespace
}  // namespace refloop::cli
