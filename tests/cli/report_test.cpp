// Reports: what they hold, and that shards, threads and the order of cases leave no trace in them.
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>
#include <regex>
#include <sstream>
#include <string>

#include "cli/program.h"

namespace refloop {
namespace {

namespace fs = std::filesystem;

/// Skipped where there is no LibTorch to compare with.
class Reports : public InOwnShell {
 protected:
  void SetUp() override {
    if (!has_torch()) GTEST_SKIP() << "built without LibTorch, so there is nothing to report on";
    InOwnShell::SetUp();
  }

  /// Without what may differ between two runs.
  std::string read_but_times(const std::string& name) const {
    return std::regex_replace(read(name), std::regex(R"("seconds": [^,]*|time="[^"]*")"), "");
  }
};

// Of every operator, with results that are EXACT, and some that LibTorch refuses.
const std::string few = "refloop parity --torch native --random 400 --seed 5 ";

TEST_F(Reports, ShardsPutTogetherAreTheWholeRun) {
  ASSERT_EQ(run_here(few + "--report json:whole.json --report junit:whole.xml").status, 0);
  for (const char* shard : {"3", "1", "2"}) {
    const Printed printed = run_here(few + "--shard " + shard + "/3 --report json:" + shard + ".json");
    ASSERT_EQ(printed.status, 0) << printed.text;
  }
  const Printed merged = run_here("refloop merge 2.json 3.json 1.json --report json:all.json --report junit:all.xml");
  EXPECT_EQ(merged.status, 0) << merged.text;
  EXPECT_TRUE(contains(merged.text, ": the loops and LibTorch agree")) << merged.text;
  EXPECT_TRUE(contains(read("whole.json"), "\"cases\": 400"));
  EXPECT_EQ(read_but_times("all.json"), read_but_times("whole.json"));
  EXPECT_EQ(read_but_times("all.xml"), read_but_times("whole.xml"));
}

TEST_F(Reports, OfSomeShardsOnlyAreNotTheWholeRun) {
  for (const char* shard : {"1", "3"}) {
    ASSERT_EQ(run_here(few + "--shard " + shard + "/3 --report json:" + shard + ".json").status, 0);
  }
  const Printed merged = run_here("refloop merge 1.json 3.json --report json:some.json");
  EXPECT_EQ(merged.status, 1) << merged.text;
  EXPECT_TRUE(contains(merged.text, "this is not the whole run: 2/3 is missing\n")) << merged.text;
  EXPECT_TRUE(contains(read("some.json"), "\"shard\": \"1,3/3\"")) << read("some.json").substr(0, 500);
  ASSERT_EQ(run_here(few + "--shard 2/3 --report json:2.json").status, 0);
  EXPECT_EQ(run_here("refloop merge some.json 2.json --report json:all.json").status, 0);
  EXPECT_TRUE(contains(read("all.json"), "\"shard\": null"));
}

TEST_F(Reports, AsXmlHoldNoCharacterThatXmlForbids) {
  const std::string filter = "--filter \"$(printf 'bell\\007|conv2d')\" ";
  const Printed printed = run_here("refloop parity --torch native --random 20 " + filter + "--report junit:bell.xml");
  ASSERT_TRUE(fs::exists(folder_ / "bell.xml")) << printed.text;
  const std::string xml = read("bell.xml");
  EXPECT_EQ(xml.find('\a'), std::string::npos);
  EXPECT_TRUE(contains(xml, "bell\\x07|conv2d")) << xml.substr(0, 500);
}

TEST_F(Reports, OfManyResultsAreSortedOnDisk) {
  ASSERT_EQ(run_here("refloop parity --torch native --random 50000 --seed 5 --report json:many.json").status, 0);
  std::ifstream file(folder_ / "many.json");
  std::string before;
  std::size_t cases = 0;
  for (std::string line; std::getline(file, line);) {
    const auto at = line.find("\"case\": ");
    if (at == std::string::npos) continue;
    ++cases;
    ASSERT_LE(before, line);
    before = line;
  }
  EXPECT_EQ(cases, 50'000u);
}

TEST_F(Reports, GoThroughLinksAndLeaveDevicesAsTheyAre) {
  std::ofstream(folder_ / "real.json") << "old";
  fs::create_symlink("real.json", folder_ / "link.json");
  ASSERT_EQ(run_here("refloop parity --case conv1d_i5_k2 --report json:link.json").status, 0);
  EXPECT_TRUE(fs::is_symlink(folder_ / "link.json"));
  EXPECT_TRUE(contains(read("real.json"), "EXACT"));
  const Printed piped =
      run_here("mkfifo pipe && (cat pipe > got.json & refloop parity --case conv1d_i5_k2 --report json:pipe; wait)");
  EXPECT_EQ(piped.status, 0) << piped.text;
  EXPECT_TRUE(fs::is_fifo(folder_ / "pipe"));
  EXPECT_TRUE(contains(read("got.json"), "EXACT"));
  std::ofstream(folder_ / "r.json.part") << "mine";
  ASSERT_EQ(run_here("refloop parity --case conv1d_i5_k2 --report json:r.json").status, 0);
  EXPECT_EQ(read("r.json.part"), "mine");
  const Printed full = run_here("refloop parity --case conv1d_i5_k2 --report json:/dev/full");
  EXPECT_EQ(full.status, 2) << full.text;
  EXPECT_TRUE(contains(full.text, "can't write the report /dev/full: No space left on device")) << full.text;
}

TEST_F(Reports, DoNotDependOnJobsOrOnTheOrderOfCases) {
  ASSERT_EQ(run_here(few + "--jobs 1 --report json:one.json").status, 0);
  ASSERT_EQ(run_here(few + "--report json:three.json --jobs 3").status, 0);
  EXPECT_EQ(read_but_times("one.json"), read_but_times("three.json"));

  std::ofstream(folder_ / "cases.txt") << "conv1d_i5_k2_f32_real_seed1\nmax_pool2d_i6_k2_f32_wild_seed2\n";
  ASSERT_EQ(run_here("refloop parity --cases cases.txt --report json:forward.json").status, 0);
  std::ofstream(folder_ / "cases.txt") << "max_pool2d_i6_k2_f32_wild_seed2\nconv1d_i5_k2_f32_real_seed1\n";
  ASSERT_EQ(run_here("refloop parity --cases cases.txt --report json:backward.json").status, 0);
  EXPECT_EQ(read_but_times("forward.json"), read_but_times("backward.json"));
}

TEST_F(Reports, HoldTheKeysThatAreFixed) {
  ASSERT_EQ(run_here("refloop parity --torch native --case conv2d_i6_k3 --report json:r.json").status, 0);
  const std::string text = read("r.json");
  for (const char* key : {"refloop", "data", "libtorch", "command", "seed", "cases", "seconds", "verdicts", "results",
                          "case", "subject", "verdict", "bits"}) {
    EXPECT_TRUE(contains(text, '"' + std::string(key) + "\": ")) << key << " is missing in " << text;
  }
  EXPECT_FALSE(contains(text, "reason")) << "a passing case keeps four keys: " << text;
}

TEST_F(Reports, AreRefusedWhereTheyAreNotShardsOfOneRun) {
  ASSERT_EQ(run_here("refloop parity --case conv1d_i5_k2 --report json:a.json").status, 0);
  ASSERT_EQ(run_here("refloop parity --case conv1d_i5_k3 --report json:b.json").status, 0);
  const Printed other = run_here("refloop merge a.json b.json");
  EXPECT_EQ(other.status, 2);
  EXPECT_TRUE(contains(other.text, "not of one run")) << other.text;
  const Printed twice = run_here("refloop merge a.json a.json");
  EXPECT_EQ(twice.status, 2);
  EXPECT_TRUE(contains(twice.text, "given twice")) << twice.text;
  std::ofstream(folder_ / "none.json") << "{}";
  const Printed none = run_here("refloop merge none.json");
  EXPECT_EQ(none.status, 2);
  EXPECT_TRUE(contains(none.text, "none.json is no report of refloop")) << none.text;
}

TEST_F(Reports, AreNotLeftHalfWritten) {
  const Printed printed = run_here("refloop parity --case conv1d_i5_k2 --report json:no/such/folder.json");
  EXPECT_EQ(printed.status, 2);
  EXPECT_TRUE(contains(printed.text, "can't write the report no/such/folder.json: No such file or directory"))
      << printed.text;
  const Printed form = run_here("refloop parity --report yaml:r.yaml");
  EXPECT_EQ(form.status, 2);
  EXPECT_TRUE(contains(form.text, "json:FILE or junit:FILE")) << form.text;
}

TEST_F(Reports, AreWrittenWhenTheRunIsInterrupted) {
  // The background job of a script ignores SIGINT unless a program asks for it, so timeout sends it to its own child.
  const Printed printed =
      run_here("timeout --preserve-status -s INT 6 refloop parity --random 100000000 --report json:r.json");
  EXPECT_EQ(printed.status, 2) << printed.text;
  EXPECT_TRUE(contains(printed.text, "interrupted")) << printed.text;
  EXPECT_TRUE(contains(read("r.json"), "EXACT")) << read("r.json").substr(0, 400);
}

TEST_F(Reports, AreWrittenWhenTheRunIsTerminated) {
  // Twice within a second, as timeout(1) and a shell that ends may send it, is one request.
  const Printed printed = run_here(
      "sh -c 'refloop parity --random 100000000 --report json:r.json & sleep 6; kill -TERM $!; sleep 0.01; "
      "kill -TERM $!; wait $!'");
  EXPECT_EQ(printed.status, 2) << printed.text;
  EXPECT_TRUE(contains(printed.text, "interrupted")) << printed.text;
  EXPECT_TRUE(contains(read("r.json"), "EXACT")) << read("r.json").substr(0, 400);
}

TEST_F(Reports, ThatSayWhatCannotBeAreRefused) {
  ASSERT_EQ(run_here("refloop parity --torch native --case conv1d_i5_k2 --report json:good.json").status, 0);
  const std::string good = read("good.json");
  const auto merged = [&](const std::string& from, const std::string& to) {
    std::string bad = good;
    bad.replace(bad.find(from), from.size(), to);
    std::ofstream(folder_ / "bad.json") << bad;
    return run_here("refloop merge bad.json");
  };
  const std::pair<const char*, const char*> changes[] = {{"\"seed\": 0", "\"seed\": -1"},
                                                         {"\"seed\": 0", "\"seed\": 1.5"},
                                                         {"\"bits\": \"", "\"bits\": \"zz"},
                                                         {"\"verdict\": \"EXACT\"", "\"verdict\": \"FINE\""}};
  for (const auto& [from, to] : changes) {
    const Printed printed = merged(from, to);
    EXPECT_EQ(printed.status, 2) << to;
    EXPECT_TRUE(contains(printed.text, "bad.json is no report of refloop: ")) << printed.text;
    EXPECT_FALSE(contains(printed.text, "stoull")) << printed.text;
  }
  const Printed wrong = merged("\"verdict\": \"EXACT\"", "\"verdict\": \"WRONG\", \"reason\": \"\\u001b[31m\"");
  EXPECT_FALSE(contains(wrong.text, "\x1b")) << "a terminal would obey it";
  EXPECT_TRUE(contains(wrong.text, "\\x1b[31m")) << wrong.text;
  const Printed first = merged("\"verdict\": \"EXACT\"",
                               "\"verdict\": \"WRONG\", \"explained_by\": [\"a\\u001bb\"], \"first\": {\"output\": "
                               "\"c\\u001bd\", \"at\": [0], \"expected\": \"1 (0x1)\", \"got\": \"e\\u001bf (0x2)\"}");
  EXPECT_FALSE(contains(first.text, "\x1b")) << "in none of its texts";
  for (const char* const text : {"a\\x1bb", "c\\x1bd", "e\\x1bf"}) {
    EXPECT_TRUE(contains(first.text, text)) << first.text;
  }
  const Printed large =
      merged("\"verdict\": \"EXACT\"", "\"verdict\": \"WRONG\", \"compared\": 1180591620717411303424");
  EXPECT_EQ(large.status, 2) << large.text;
  const auto start = good.find("  {"), end = good.rfind("}\n ]");
  std::ofstream(folder_ / "twice.json") << good.substr(0, end + 1) + "," + good.substr(start, end + 1 - start) +
                                               "\n ]\n}\n";
  EXPECT_TRUE(contains(run_here("refloop merge twice.json").text, "stands in it twice")) << read("twice.json");
}

TEST_F(Reports, RefuseAShardThatIsNone) {
  for (const char* shard : {"0/3", "4/3", "3", "a/b", "1/2/3", "-1/3"}) {
    const Printed printed = run_here("refloop parity --case conv1d_i5_k2 --shard=" + std::string(shard));
    EXPECT_EQ(printed.status, 2) << shard;
    EXPECT_TRUE(contains(printed.text, "--shard takes I/N")) << printed.text;
  }
}

}  // namespace
}  // namespace refloop
