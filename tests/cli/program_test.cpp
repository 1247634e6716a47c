// The program as people meet it: what it prints, what it exits with, and that bad input gets one helpful sentence.
#include "cli/program.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "cli/brought_files.h"

namespace refloop {
namespace {

namespace fs = std::filesystem;

/// One line, exit status 2.
void expect_refusal(const std::string& arguments, const std::string& sentence) {
  const Printed printed = refloop(arguments);
  EXPECT_EQ(printed.text, "refloop: " + sentence + "\n") << arguments;
  EXPECT_EQ(printed.status, 2) << arguments;
}

std::vector<std::string> words(const std::string& text, char separator) {
  std::vector<std::string> parts;
  std::istringstream stream(text);
  for (std::string part; std::getline(stream, part, separator);) {
    part.erase(0, part.find_first_not_of(" \n"));
    part.erase(part.find_last_not_of(" \n") + 1);
    parts.push_back(part);
  }
  return parts;
}

/// The commands that the program says there are.
std::vector<std::string> commands() {
  const std::string text = refloop("nonsense").text;
  const std::string before = "there are ";
  return words(text.substr(text.find(before) + before.size()), ',');
}

TEST(Program, NamesItsCommandsWhereOneIsUnknownOrMissing) {
  EXPECT_EQ(commands().front(), "parity");
  EXPECT_GE(commands().size(), 4u);
  std::string list;
  for (const auto& command : commands()) list += (list.empty() ? "" : ", ") + command;
  expect_refusal("bogus", "there is no command 'bogus'; there are " + list);
  expect_refusal("", "which command? There are " + list + "; refloop --help says more");
  expect_refusal("--bogus", "there is no option '--bogus' before the command; refloop --help says what is accepted");
}

TEST(Program, RefusesUnknownOptionsOfACommand) {
  expect_refusal("parity --bogus",
                 "The following argument was not expected: --bogus; refloop parity --help says what is accepted");
  expect_refusal("merge --case x",
                 "The following argument was not expected: --case; refloop merge --help says what is accepted");
}

TEST(Program, SaysItsVersion) {
  const Printed printed = refloop("--version");
  EXPECT_EQ(printed.status, 0);
  EXPECT_EQ(printed.text.substr(0, 8), "refloop ");
}

TEST(Parity, RefusesABadCaseWithTheFieldAndWhatItTakes) {
  expect_refusal("parity --case conv2d_c1_i6_k3_d0", "conv2d_c1_i6_k3_d0: d (dilation) takes 1 or more, not 0");
  expect_refusal("parity --case conv2d_k3", "conv2d_k3: i (input size) is missing; give it as in i3");
  expect_refusal("parity --case conv2d_i6_k3 --case 'conv2d i6'",
                 "conv2d i6: ' ' can't stand in a case text; it takes letters, digits and _");
}

TEST(Parity, RefusesOptionsThatMeanNothing) {
  expect_refusal("parity --filter '['", "--filter takes a regular expression; '[' is none: missing ]: [");
  const Printed unknown = refloop("parity --op bogus");
  EXPECT_EQ(unknown.status, 2);
  EXPECT_TRUE(contains(unknown.text, "refloop: there is no operator bogus; --op takes conv, conv1d, conv2d, conv3d"));
  expect_refusal("parity --jobs 0", "--jobs: takes 1 to 1024, not 0; refloop parity --help says what is accepted");
  expect_refusal("parity --minutes 0",
                 "--minutes: takes a number above 0, not 0; refloop parity --help says what is accepted");
  for (const char* bad : {"-1", "many"}) {
    const Printed printed = refloop(std::string("parity --random ") + bad);
    EXPECT_EQ(printed.status, 2) << printed.text;
    EXPECT_TRUE(contains(printed.text, "--random")) << printed.text;
    EXPECT_TRUE(contains(printed.text, bad)) << printed.text;
  }
  const Printed path = refloop("parity --torch bogus");
  EXPECT_EQ(path.status, 2);
  EXPECT_TRUE(contains(path.text, "bogus not in {native,")) << path.text;
}

class CaseFile : public testing::Test {
 protected:
  CaseFile() : path_(fs::temp_directory_path() / ("refloop_cases_" + std::to_string(getpid()) + ".txt")) {}
  ~CaseFile() override { fs::remove(path_); }
  std::string with(const std::string& text) const {
    std::ofstream(path_) << text;
    return path_.string();
  }

 private:
  fs::path path_;
};

TEST_F(CaseFile, ThatCanNotBeReadIsNamed) {
  expect_refusal("parity --cases /no/such/file", "can't read /no/such/file");
  expect_refusal("parity --cases /", "can't read /");
}

TEST_F(CaseFile, NamesTheLineThatIsNoCase) {
  const std::string path = with("# two cases\nconv2d_i6_k3\n\nconv2d_i6_k0\n");
  expect_refusal("parity --cases " + path, path +
                                               ": 1 line is no case; --skip-illegal passes over such\n"
                                               "  line 4: conv2d_i6_k0: k (kernel) takes 1 or more, not 0");
}

TEST_F(CaseFile, MayHaveCommentsEmptyLinesAndLinesEndedAsOnWindows) {
  const std::string path = with("# a comment\r\n\r\nconv2d_c2_i6_o3_k3_real  \r\n  conv1d_i9_k2_wide\n");
  const Printed printed = refloop("parity --cases " + path);
  if (has_torch()) {
    EXPECT_EQ(printed.status, 0) << printed.text;
  } else {
    EXPECT_TRUE(contains(printed.text, "built without LibTorch")) << printed.text;
  }
}

TEST(Parity, FailsWhereNothingIsLeftToCompare) {
  if (!has_torch()) GTEST_SKIP() << "this build has no LibTorch";
  const Printed printed = refloop("parity --filter nothing_matches");
  EXPECT_EQ(printed.status, 1);
  EXPECT_TRUE(contains(printed.text, "nothing was compared")) << printed.text;
}

TEST(Parity, NeedsLibTorchAndSaysSo) {
  if (has_torch()) GTEST_SKIP() << "this build has LibTorch";
  expect_refusal("parity", "this refloop was built without LibTorch; cmake/parity.sh builds it with LibTorch");
  expect_refusal("parity --case conv2d_i6_k3",
                 "this refloop was built without LibTorch; cmake/parity.sh builds it with LibTorch");
}

TEST(Parity, EndsInATableAndAVerdict) {
  if (!has_torch()) GTEST_SKIP() << "this build has no LibTorch";
  const Printed printed = refloop("parity --torch native --random 200 --seed 3");
  EXPECT_EQ(printed.status, 0) << printed.text;
  for (const char* part : {"operator", "subject", "EXACT", "conv2d", "native", "results in", "agree"}) {
    EXPECT_TRUE(contains(printed.text, part)) << part << " is not in\n" << printed.text;
  }
}

TEST(Doctor, TellsWhatMendsWhatIsWrong) {
  const Printed printed = refloop("doctor");
  EXPECT_TRUE(contains(printed.text, "LibTorch")) << printed.text;
  if (printed.status == 0) {
    EXPECT_TRUE(contains(printed.text, "Nothing is wrong.")) << printed.text;
    EXPECT_FALSE(contains(printed.text, "mend it: ")) << printed.text;
  } else {
    EXPECT_EQ(printed.status, 1);
    EXPECT_TRUE(contains(printed.text, "mend it: ")) << printed.text;
  }
}

TEST(Doctor, CallsNoLibTorchWrongForWhatNothingMends) {
  if (!has_torch()) GTEST_SKIP() << "built without LibTorch";
  const Printed printed = refloop("doctor");
  const bool has_cure = contains(printed.text, "mend it: update-alternatives --set libblas.so.3");
  if (contains(printed.text, "in an order of its own") && !has_cure) {
    EXPECT_EQ(printed.status, 0) << printed.text;
    EXPECT_TRUE(contains(printed.text, "Worth knowing: ")) << printed.text;
  }
  EXPECT_FALSE(contains(printed.text, "mend it: refloop parity")) << printed.text;
}

TEST(Show, PrintsInputsAndWhatTheLoopsMakeOfThem) {
  const Printed printed = refloop("show conv1d_i3_k2_bias_int64_coded");
  EXPECT_EQ(printed.status, 0);
  for (const char* part : {"conv1d_i3_k2_bias_int64_coded_seed0\n", "INPUT (1x1x3)\ntensor([[[", "WEIGHT (1x1x2)\n",
                           "BIAS (1)\n", "in the order channels_then_taps: ", "EXPECTED OUTPUT (1x1x2)\ntensor([[["}) {
    EXPECT_TRUE(contains(printed.text, part)) << part << " is not in\n" << printed.text;
  }
  const Printed pool = refloop("show max_pool1d_i4_k2_indices_int64");
  EXPECT_TRUE(contains(pool.text, "EXPECTED INDICES (1x1x2)\n")) << pool.text;
}

TEST(Show, RefusesWhatIsNoCaseAndAPathThatIsNotThere) {
  expect_refusal("show conv2d_k3", "conv2d_k3: i (input size) is missing; give it as in i3");
  expect_refusal("show", "case is required; refloop show --help says what is accepted");
  const Printed path = refloop("show conv2d_i6_k3 --torch bogus");
  EXPECT_EQ(path.status, 2);
  EXPECT_TRUE(contains(path.text, "bogus not in {native,")) << path.text;
  if (!has_torch()) {
    expect_refusal("show conv2d_i6_k3 --torch native",
                   "this refloop was built without LibTorch; cmake/parity.sh builds it with LibTorch");
  }
}

TEST(Show, PutsALibTorchAndItsVerdictBesideThem) {
  if (!has_torch()) GTEST_SKIP() << "built without LibTorch";
  using Titled = std::pair<std::string, const char*>;
  for (const auto& [path, title] :
       {Titled{"native", "NATIVE OUTPUT (1x2x2x2)\n"}, Titled{"textbook", "TEXTBOOK OUTPUT (1x2x2x2)\n"}}) {
    const Printed printed = refloop("show conv2d_c2_i4_o2_k3_channelslast --torch " + path);
    EXPECT_EQ(printed.status, 0) << printed.text;
    EXPECT_TRUE(contains(printed.text, title)) << printed.text;
    EXPECT_TRUE(contains(printed.text, "EXACT conv2d_c2_i4_o2_k3_channelslast_f32_integer_seed0 (" + path + ")"))
        << printed.text;
  }
  const Printed textbook = refloop("show conv2d_c2_i4_o2_k3_channelslast_real --torch textbook");
  EXPECT_TRUE(contains(textbook.text, "in the order taps_then_channels: ")) << textbook.text;
  const Printed installed = refloop("show conv2d_i4_k3_real --torch installed");
  EXPECT_EQ(installed.status, 0) << "without an order it is within the bound at least";
  EXPECT_TRUE(contains(installed.text, "INSTALLED OUTPUT (1x1x2x2)\n")) << installed.text;
  EXPECT_TRUE(contains(installed.text, "EXACT conv2d_i4_k3_f32_real_seed0 (installed)") ||
              contains(installed.text, "BOUNDED conv2d_i4_k3_f32_real_seed0 (installed)"))
      << installed.text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

bool has_line(const std::vector<std::string>& lines, const std::string& line) {
  return std::find(lines.begin(), lines.end(), line) != lines.end();
}

constexpr const char* two_mistakes = "mistakes --sources dilation_of_first_axis index_within_window";

TEST(Table, FoldsToTheWidthThatIsAskedFor) {
  for (const std::string arguments : {"help case", "help verdicts", "help report", two_mistakes}) {
    const Printed printed = refloop(arguments, "COLUMNS=80");
    EXPECT_EQ(printed.status, 0);
    for (const auto& line : lines_of(printed.text)) EXPECT_LE(line.size(), 80U) << arguments << ": " << line;
  }
}

TEST(Table, KeepsCaseTextsWholeWhereItFolds) {
  const auto lines = lines_of(refloop(two_mistakes, "COLUMNS=80").text);
  EXPECT_TRUE(has_line(lines, "    conv2d_i1_k1x2_p0x1_d1x2_f32_coded_seed0")) << testing::PrintToString(lines);
  EXPECT_TRUE(has_line(lines, "    deepjavalibrary/djl#384")) << testing::PrintToString(lines);
}

TEST(Table, FoldsOneColumnAndKeepsTheOthersInTheirPlace) {
  const auto lines = lines_of(refloop("help verdicts", "COLUMNS=60").text);
  EXPECT_TRUE(has_line(lines, "WEAK      equal, but nearly all outputs are zero or NaN, so"));
  EXPECT_TRUE(has_line(lines, "          a broken kernel could have passed")) << testing::PrintToString(lines);
}

TEST(Table, KeepsEachRowOneLineInAPipe) {
  for (const std::string environment : {"env -u COLUMNS", "COLUMNS=many", "COLUMNS=0"}) {
    std::size_t rows = 0;
    for (const auto& line : lines_of(refloop(two_mistakes, environment).text)) {
      rows += contains(line, "dilation_of_first_axis") && contains(line, "every axis takes the first axis' dilation") &&
              contains(line, "conv2d_i1_k1x2_p0x1_d1x2_f32_coded_seed0") && contains(line, "deepjavalibrary/djl#384");
    }
    EXPECT_EQ(rows, 1U) << environment;
  }
}

/// Runs a line of shell with refloop in it on a terminal so many columns wide.
Printed on_terminal(int columns, const std::string& line) {
  return run_line("env -u COLUMNS script -qec \"stty cols " + std::to_string(columns) + "; " + line + "\" /dev/null");
}

bool has_terminals() {
  return contains(on_terminal(80, "echo on a terminal").text, "on a terminal\r\n");
}

TEST(Table, FoldsToTheTerminal) {
  if (!has_terminals()) GTEST_SKIP() << "script or stty is not here";
  const auto lines = lines_of(on_terminal(70, "refloop help verdicts").text);
  EXPECT_TRUE(has_line(lines, "WEAK      equal, but nearly all outputs are zero or NaN, so a broken\r"));
  EXPECT_TRUE(has_line(lines, "          kernel could have passed\r")) << testing::PrintToString(lines);
}

TEST(Mistakes, ShowProgressOnATerminal) {
  if (!has_terminals()) GTEST_SKIP() << "script or stty is not here";
  const std::string text = on_terminal(80, "refloop mistakes dilation_ignored").text;
  EXPECT_TRUE(contains(text, "/s, ")) << text;
  EXPECT_TRUE(contains(text, " caught\r\x1b[Kconv  ")) << "the line is taken away before the table\n" << text;
}

TEST(Help, ExplainsCasesFromTheTablesOfTheProgram) {
  const Printed printed = refloop("help case");
  EXPECT_EQ(printed.status, 0);
  for (const char* part : {"conv1d conv2d conv3d: ", "dilation", "must be given", "channelslast", "wide", "seed7"}) {
    EXPECT_TRUE(contains(printed.text, part)) << part << " is not in\n" << printed.text;
  }
}

TEST(Help, ExplainsEveryVerdictItCanGiveAndTheExitStatus) {
  const Printed printed = refloop("help verdicts");
  EXPECT_EQ(printed.status, 0);
  for (const char* part : {"EXACT", "WEAK", "SKIPPED", "WRONG", "OUTSIDE", "Exit status"}) {
    EXPECT_TRUE(contains(printed.text, part)) << part;
  }
}

TEST(Help, NamesItsTopicsWhereOneIsUnknownOrMissing) {
  expect_refusal("help", "which topic? There are case, verdicts, report, plugin, program");
  expect_refusal("help bogus", "there is no topic 'bogus'; there are case, verdicts, report, plugin, program");
}

/// The command line behind `Example: refloop`.
std::string example_in(const std::string& help) {
  const std::string before = "Example: refloop ";
  const auto start = help.find(before);
  if (start == std::string::npos) return {};
  return help.substr(start + before.size(), help.find('\n', start) - start - before.size());
}

TEST(Help, OfEveryCommandHasAnExampleThatRunsAsItStands) {
  const fs::path folder = fs::path(testing::TempDir()) / ("refloop-examples-" + std::to_string(getpid()));
  fs::create_directories(folder);
  fs::copy_file(REFLOOP_MINE, folder / "libmine.so");                // the kernel of the examples
  const cli::Computed conv("conv2d_c3_i6_o2_k3_p1_f32_real_seed1");  // and their tensors
  subjects::write_npy((folder / "x.npy").string(), conv.inputs[0]);
  subjects::write_npy((folder / "w.npy").string(), conv.inputs[1]);
  subjects::write_npy((folder / "y.npy").string(), conv.outputs()[0]);
  std::vector<std::string> helps{"--help"};
  for (const auto& command : commands()) helps.push_back(command + " --help");
  for (const auto& arguments : helps) {
    const Printed help = refloop(arguments);
    EXPECT_EQ(help.status, 0) << arguments;
    const std::string example = example_in(help.text);
    ASSERT_NE(example, "") << arguments;
    const Printed printed = run_line("cd '" + folder.string() + "' && refloop " + example);
    const bool needs_torch = example.starts_with("parity") && !has_torch();
    const bool is_doctor = example.starts_with("doctor");  // 1 where something here is to be mended
    EXPECT_TRUE(printed.status == (needs_torch ? 2 : 0) || (is_doctor && printed.status == 1)) << example << "\n"
                                                                                               << printed.text;
  }
}

TEST(Parity, ReadsCasesFromAPipeAndFromStandardInput) {
  if (!has_torch()) GTEST_SKIP() << "built without LibTorch";
  for (const char* from : {"echo conv1d_i5_k2 | refloop parity --torch native --cases -",
                           "bash -c 'exec \"$0\" parity --torch native --cases <(echo conv1d_i5_k2)' refloop "}) {
    const Printed printed = run_line(from);
    EXPECT_EQ(printed.status, 0) << printed.text;
    EXPECT_TRUE(contains(printed.text, "1 results")) << printed.text;
  }
}

TEST(Parity, NamesEveryLineThatIsNoCaseAndPassesOverThemWhereAsked) {
  const std::string lines = "printf 'conv1d_i5_k2\\nconv1d_k2\\n# remark\\nnonsense\\n' | refloop parity --cases - ";
  const Printed refused = run_line(lines);
  EXPECT_EQ(refused.status, 2);
  EXPECT_EQ(
      refused.text,
      "refloop: -: 2 lines are no case; --skip-illegal passes over such\n"
      "  line 2: conv1d_k2: i (input size) is missing; give it as in i3\n"
      "  line 4: nonsense: a case starts with its operator, as in conv2d_i6_k3; there are conv, max_pool, min_pool, "
      "avg_pool, batch_norm, each with 1d, 2d or 3d\n");
  if (!has_torch()) return;
  const Printed skipped = run_line(lines + "--skip-illegal --torch native");
  EXPECT_EQ(skipped.status, 0) << skipped.text;
  EXPECT_TRUE(contains(skipped.text, "2 lines were no cases")) << skipped.text;
}

TEST(Parity, TakesHostilePatternsInItsStride) {
  const Printed nested = refloop("parity --random 2000 --filter '(a*)*b'");
  EXPECT_NE(nested.status, -1);
  const Printed large = refloop("parity --random 10 --filter \"$(printf '(%.0s' $(seq 20000))\"");
  EXPECT_EQ(large.status, 2) << large.text.substr(0, 300);
  expect_refusal("parity --seed -1 --random 1",
                 "--seed: takes 0 to 18446744073709551615, not -1; refloop parity --help "
                 "says what is accepted");
  expect_refusal(
      "parity --seed 18446744073709551616 --random 1",
      "--seed: takes 0 to 18446744073709551615, not 18446744073709551616; refloop parity --help says what is "
      "accepted");
}

TEST(Program, SaysThatStandardOutputIsFull) {
  const Printed printed = run_line("refloop help case > /dev/full");
  EXPECT_EQ(printed.status, 2);
  EXPECT_EQ(printed.text, "refloop: can't write to standard output: No space left on device\n");
}

TEST(Mistakes, TellTheStoryOfOneOnACase) {
  const Printed printed =
      refloop("mistakes dilation_ignored_on_last_axis --case conv2d_n2_c4_i9x11_o6_k3_p1_d2_g2_bias_integer_seed3");
  EXPECT_EQ(printed.status, 0);
  for (const char* part : {"WRONG conv2d_n2_c4_i9x11_o6_k3_p1_d2_g2_bias_f32_integer_seed3",
                           "  756 of 756 elements differ, spread over every index of every axis\n",
                           "  same bits as the known mistake dilation_ignored_on_last_axis\n",
                           "  smallest case that still fails: conv1d_"}) {
    EXPECT_TRUE(contains(printed.text, part)) << printed.text;
  }
  EXPECT_EQ(refloop("mistakes dilation_ignored --case conv2d_i6_k3").status, 1) << "nothing shows without dilation";
  expect_refusal("mistakes no_such_thing", "there is no known mistake no_such_thing; refloop mistakes lists them");
}

TEST(Parity, ComparesCasesThatAreLikeAPattern) {
  if (!has_torch()) GTEST_SKIP() << "built without LibTorch";
  const Printed printed = refloop("parity --torch native --like conv2d_k3_s1_p1_q1_f32 --random 300");
  EXPECT_EQ(printed.status, 0) << printed.text;
  EXPECT_TRUE(contains(printed.text, "300 results")) << printed.text;
  EXPECT_FALSE(contains(printed.text, "conv1d")) << printed.text;
  expect_refusal("parity --like conv2d_k0", "conv2d_k0: k (kernel) takes 1 or more, not 0");
}

TEST(Parity, SaysOfWhichOperatorNothingIsLeft) {
  if (!has_torch()) GTEST_SKIP() << "built without LibTorch";
  const Printed printed = refloop("parity --torch native --op conv2d --op max_pool1d --filter conv2d");
  EXPECT_EQ(printed.status, 1) << printed.text;
  EXPECT_TRUE(contains(printed.text, "nothing was compared of max_pool1d\n")) << printed.text;
}

TEST(Mistakes, AreAllCaughtAndPrintedWithoutColourOrProgressIntoAPipe) {
  const Printed printed = refloop("mistakes");
  EXPECT_EQ(printed.status, 0);
  EXPECT_FALSE(contains(printed.text, "NOT CAUGHT")) << printed.text;
  EXPECT_TRUE(contains(printed.text, "known mistakes caught")) << printed.text;
  EXPECT_TRUE(contains(printed.text, "dilation_ignored ")) << printed.text;
  EXPECT_FALSE(contains(printed.text, "\x1b"));
  EXPECT_FALSE(contains(printed.text, "\r"));
}

TEST(Parity, PrintsNoColourAndNoProgressIntoAPipe) {
  const Printed printed = refloop("parity --random 300", "TERM=xterm-256color");
  EXPECT_FALSE(contains(printed.text, "\x1b")) << printed.text;
  EXPECT_FALSE(contains(printed.text, "\r")) << printed.text;
}

/// The loader lists every library it opens, also those that a program asks for later.
TEST(Program, LoadsNoLibTorchToHelpOrToRefuse) {
  for (const char* arguments : {"--help", "parity --help", "help case", "parity --case conv2d_i6_k3_d0",
                                "parity --filter '['", "parity --op bogus", "parity --cases /no/such/file"}) {
    const Printed printed = refloop(arguments, "LD_DEBUG=libs");
    EXPECT_TRUE(contains(printed.text, "libc.so")) << "the loader said nothing";
    EXPECT_FALSE(contains(printed.text, "libtorch")) << arguments;
    EXPECT_FALSE(contains(printed.text, "refloop_parity.so")) << arguments;
  }
}

}  // namespace
}  // namespace refloop
