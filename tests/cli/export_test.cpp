// refloop export, and check --dir on what is put into the folder.
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>
#include <regex>

#include "cli/brought_files.h"

namespace refloop::cli {
namespace {

using Json = nlohmann::ordered_json;

class Export : public InAFolder {
 protected:
  Json manifest() const { return Json::parse(read("cases/manifest.json")); }
  void put_manifest(const Json& json) const { std::ofstream(folder_ / "cases/manifest.json") << json.dump(); }

  /// Puts into the folder what the loops make of the inputs that lie there, with what `change` does to it.
  using Change = std::function<void(const Case&, AnyTensor&)>;
  void answer(const Change& change = [](const Case&, AnyTensor&) {}) const {
    const Json json = manifest();
    for (const Json& one : json["cases"]) {
      const Case c = parse(one["case"].get<std::string>());
      std::vector<AnyTensor> inputs;
      const auto due = c.family->inputs(c);
      for (std::size_t at = 0; at < due.size(); ++at) {
        inputs.push_back(subjects::read_npy((folder_ / "cases" / one["inputs"][at]["file"].get<std::string>()).string(),
                                            due[at].name));
      }
      auto outputs = outputs_of(*contract(c), c, inputs);
      change(c, outputs[0]);
      for (std::size_t at = 0; at < outputs.size(); ++at)
        put("cases/" + one["outputs"][at]["file"].get<std::string>(), outputs[at]);
    }
  }
};

constexpr const char* export_line = "refloop export cases --op conv2d --op max_pool1d --op batch_norm --random 60";

TEST_F(Export, GoesRoundWithTheLoopsOutputs) {
  const Printed exported = run_here(export_line);
  EXPECT_EQ(exported.status, 0) << exported.text;
  EXPECT_TRUE(std::regex_search(exported.text, std::regex(R"(^\d+ cases are in cases, \d+ of them twins of others)")))
      << exported.text;
  const Printed nothing = run_here("refloop check --dir cases");
  EXPECT_EQ(nothing.status, 1);
  EXPECT_TRUE(contains(nothing.text, " x SKIPPED: no outputs were put there\n")) << nothing.text;
  answer();
  const Printed printed = run_here("refloop check --dir cases --report json:report.json");
  EXPECT_EQ(printed.status, 0) << printed.text;
  for (const char* part :
       {"cases has batch_norm1d, ", "each case was computed once", "EXACT: the loops and cases agree"})
    EXPECT_TRUE(contains(printed.text, part)) << printed.text;
  EXPECT_FALSE(contains(printed.text, "SKIPPED")) << printed.text;
  EXPECT_EQ(Json::parse(read("report.json"))["cases"], manifest()["cases"].size());
}

TEST_F(Export, SeesOneBitInAnExactCase) {
  ASSERT_EQ(
      run_here("refloop export cases --case conv2d_c3_i5_o2_k3_f32_integer_seed1 --case conv2d_i5_k3_f32_wide").status,
      0);
  answer([](const Case& c, AnyTensor& output) {
    if (c.data == Data::integer) static_cast<unsigned char*>(output.data)[20] ^= 1U;
  });
  const Printed printed = run_here("refloop check --dir cases");
  EXPECT_EQ(printed.status, 1);
  for (const char* part : {"WRONG conv2d_c3_i5_o2_k3_f32_integer_seed1 (cases)\n", "  1 of 18 elements differ",
                           "first at output[0, 0, 1, 2]", "again: refloop check --dir cases --case conv2d_c3_i5"}) {
    EXPECT_TRUE(contains(printed.text, part)) << part << "\n" << printed.text;
  }
  EXPECT_FALSE(contains(printed.text, "smallest case")) << "it can't be shrunk";
  std::smatch again;
  ASSERT_TRUE(std::regex_search(printed.text, again, std::regex("again: (.*)")));
  const Printed repeated = run_here(again[1]);
  EXPECT_EQ(repeated.status, 1) << repeated.text;
  EXPECT_TRUE(contains(repeated.text, "1 results")) << repeated.text;
  EXPECT_FALSE(fs::exists(folder_ / "cases.failed-cases"));
}

TEST_F(Export, ReachesTheBoundByItsTwins) {
  ASSERT_EQ(run_here("refloop export cases --case conv2d_c5_i6_o2_k3_p1_f32_real_seed4").status, 0);
  ASSERT_EQ(manifest()["cases"].size(), 3U) << "the case and its twins on integer and wide data";
  const auto halved = [](const Case& c, AnyTensor& output) {  // right, and by a sum that nobody has named
    Computed computed(to_text(c));
    output = computed.summed([](const Terms& terms) {
      float even = 0, odd = 0;
      for (std::size_t at = terms.values.size(); at-- > 0;) {
        (at % 2 == 0 ? even : odd) += static_cast<float>(terms.weights[at]) * static_cast<float>(terms.values[at]);
      }
      return even + odd;
    });
  };
  answer(halved);
  const Printed printed = run_here("refloop check --dir cases");
  EXPECT_EQ(printed.status, 0) << printed.text;
  EXPECT_TRUE(contains(printed.text, "in every bit in 2 cases, and in 1 within the rounding bound")) << printed.text;

  fs::remove(folder_ / "cases/0002.output.npy");
  const Printed without = run_here("refloop check --dir cases");
  EXPECT_TRUE(contains(without.text, "SKIPPED: within the rounding bound, but there are no outputs of "))
      << without.text;
  answer([&](const Case& c, AnyTensor& output) {
    halved(c, output);
    if (c.data == Data::wide) static_cast<float*>(output.data)[3] *= 1 + 0x1p-22F;
  });
  const Printed wrong = run_here("refloop check --dir cases");
  EXPECT_EQ(wrong.status, 1);
  EXPECT_TRUE(contains(wrong.text, "within the rounding bound, but conv2d_c5_i6_o2_k3_p1_f32_wide_seed4 is WRONG"))
      << wrong.text;
}

TEST_F(Export, WritesTheSameBytesAgain) {
  ASSERT_EQ(run_here(export_line).status, 0);
  const Printed again =
      run_here("cd . && refloop export again --op conv2d --op max_pool1d --op batch_norm --random 60");
  ASSERT_EQ(again.status, 0);
  EXPECT_EQ(run_here("diff -r cases again").text, "");
}

TEST_F(Export, SaysOfEachCaseWhatAKernelIsTold) {
  ASSERT_EQ(run_here("refloop export cases/deeper --case conv2d_i5_k3_f32").status, 2) << "its folder is not made";
  ASSERT_EQ(run_here("refloop export cases/ --case avg_pool2d_n2_c3_i5x6_k3x2_s2_p1_div4_f64_integer_seed2 "
                     "--case batch_norm1d_n5_c3_train_stats_f32_integer")
                .status,
            0);
  const Json json = manifest();
  EXPECT_EQ(json["data"], data_version);
  EXPECT_EQ(json["refloop"], version);
  const Json& pool = json["cases"][0];
  EXPECT_EQ(pool["case"], "avg_pool2d_n2_c3_i5x6_k3x2_s2_p1_div4_f64_integer_seed2");
  EXPECT_EQ(pool["operator"], "avg_pool2d");
  EXPECT_EQ(pool["settings"].dump(),
            R"({"kernel_size":[3,2],"stride":[2,2],"padding":[1,1],"padding_after":[1,1],"dilation":[1,1],)"
            R"("ceil_mode":false,"count_include_pad":true,"divisor_override":4})");
  EXPECT_EQ(pool["inputs"].dump(), R"([{"name":"input","dtype":"f64","shape":[2,3,5,6],"file":"0000.input.npy"}])");
  EXPECT_EQ(pool["outputs"].dump(), R"([{"name":"output","dtype":"f64","shape":[2,3,3,4],"file":"0000.output.npy"}])");
  EXPECT_EQ(json["cases"][1]["inputs"][1]["file"], "0001.running_mean.npy");
  EXPECT_EQ(json["cases"][1]["outputs"][1]["file"], "0001.new_running_mean.npy");
}

TEST_F(Export, IsWholeOrNotThereAtAll) {
  fs::create_directory(folder_ / "cases");
  ASSERT_EQ(run_here("refloop export cases --case conv2d_i5_k3").status, 0) << "an empty folder is taken";
  expect_refusal("refloop export cases --case conv2d_i5_k3",
                 "cases is there already; export takes a folder that is not, or that is empty");
  expect_refusal("refloop export other --case conv2d_i5_k3_strided",
                 "conv2d_i5_k3_strided_f32_integer_seed0: .npy files hold dense tensors; leave the memory out");
  expect_refusal("refloop export other --op conv2d --filter nothing_matches", "no case is left of what was asked for");
  expect_refusal("refloop export other --case conv2d_k3", "conv2d_k3: i (input size) is missing; give it as in i3");
  EXPECT_EQ(run_here("ls").text, "cases\n") << "nothing is left of what was refused";
}

TEST_F(Export, TellsOutputsOfAnotherKindInWords) {
  ASSERT_EQ(run_here("refloop export cases --case conv2d_i8_k3_f32_integer --case max_pool1d_i6_k2_indices_f32_integer "
                     "--case conv1d_i6_k2_f32_integer --case conv1d_i7_k2_f32_integer")
                .status,
            0);
  put("cases/0000.output.npy", make_tensor("output", DType::f32, {1, 1, 8, 8}));
  put("cases/0001.output.npy", make_tensor("output", DType::f32, {1, 1, 3}));
  put("cases/0002.output.npy", make_tensor("output", DType::f64, {1, 1, 5}));
  std::ofstream(folder_ / "cases/0003.output.npy") << "junk";
  const Printed printed = run_here("refloop check --dir cases");
  EXPECT_EQ(printed.status, 1);
  for (const char* part : {"output is 1x1x8x8 f32; 1x1x6x6 f32 is due; y: floor((8 + 0 + 0 - 3) / 1) + 1 = 6",
                           "gave some of its outputs, and no 0001.indices.npy", "output is 1x1x5 f64; 1x1x5 f32 is due",
                           "0003.output.npy is no .npy file"}) {
    EXPECT_TRUE(contains(printed.text, part)) << part << "\n" << printed.text;
  }
}

TEST_F(Export, BelievesNothingInAManifest) {
  ASSERT_EQ(run_here("refloop export cases --case conv2d_i8_k3_f32_integer").status, 0);
  const Json good = manifest();
  const auto with = [&](const std::function<void(Json&)>& change) {
    Json json = good;
    change(json);
    put_manifest(json);
  };
  const std::string path = "cases/manifest.json: ";
  for (const std::string name : {"../secret.npy", "/etc/passwd", "deeper/../../secret.npy", "", "."}) {
    with([&](Json& json) { json["cases"][0]["outputs"][0]["file"] = name; });
    expect_refusal("refloop check --dir cases", path + name + " is no file in it");
  }
  fs::create_symlink("/etc", folder_ / "cases/link");
  with([&](Json& json) { json["cases"][0]["outputs"][0]["file"] = "link/passwd"; });
  expect_refusal("refloop check --dir cases", path + "link/passwd is no file in it");
  with([&](Json& json) { json["data"] = data_version - 1; });
  expect_refusal("refloop check --dir cases", path + "its cases are of data version " +
                                                  std::to_string(data_version - 1) + ", and those of this refloop of " +
                                                  std::to_string(data_version) + ": export them again");
  with([&](Json& json) { json["cases"].push_back(json["cases"][0]); });
  expect_refusal("refloop check --dir cases", path + "conv2d_i8_k3_f32_integer_seed0 stands in it twice");
  with([&](Json& json) { json["cases"][0]["outputs"][0]["name"] = "bogus"; });
  expect_refusal("refloop check --dir cases",
                 path + "no file is named for the output of conv2d_i8_k3_f32_integer_seed0");
  with([&](Json& json) { json["cases"][0]["case"] = "conv2d_k3"; });
  expect_refusal("refloop check --dir cases", path + "conv2d_k3: i (input size) is missing; give it as in i3");
  with([&](Json& json) { json["cases"] = Json::array(); });
  expect_refusal("refloop check --dir cases", path + "it has no cases");
  for (const char* text :
       {"", "[]", "{\"data\": \"3\"}", "{\"data\": 3, \"cases\": [7]}", "{\"data\": 3, \"cases\": 7}"}) {
    std::ofstream(folder_ / "cases/manifest.json") << text;
    expect_refusal("refloop check --dir cases", "cases/manifest.json is no manifest that refloop export wrote");
  }
  fs::remove(folder_ / "cases/manifest.json");
  expect_refusal("refloop check --dir cases", "there is no cases/manifest.json; refloop export writes one");
  expect_refusal("refloop check --dir nowhere", "there is no folder nowhere");
}

/// The script of the README, on whatever conv2d takes.
TEST_F(Export, IsFilledInByTheExampleWithNumPy) {
  const std::string python = python_with("numpy");
  if (python.empty()) GTEST_SKIP() << "there is no Python with NumPy here (Debian: python3-numpy)";
  ASSERT_EQ(run_here("refloop export cases --op conv2d").status, 0);
  const Printed filled = run_here(python + " '" REFLOOP_SOURCE "/tests/examples/numpy_outputs.py' cases");
  ASSERT_EQ(filled.status, 0) << filled.text;
  const Printed printed = run_here("refloop check --dir cases");
  EXPECT_EQ(printed.status, 0) << printed.text;
}

TEST_F(Export, CanNotBeAskedForMore) {
  ASSERT_EQ(run_here("refloop export cases --case conv2d_i8_k3_f32_real").status, 0);
  answer();
  const std::string sentence =
      "cases holds answers to its own cases alone: --random, --minutes and --invariant are not for it";
  for (const char* more : {"--random 5", "--minutes 1", "--invariant"}) {
    const Printed printed = run_here(std::string("refloop check --dir cases ") + more);
    EXPECT_EQ(printed.status, 2);
    EXPECT_TRUE(contains(printed.text, "refloop: " + sentence)) << printed.text;
  }
  const Printed other = run_here("refloop check --dir cases --case conv2d_i9_k3_f32_integer");
  EXPECT_EQ(other.status, 1);
  EXPECT_TRUE(contains(other.text, "SKIPPED: it was not exported")) << other.text;
  const Printed order = run_here("refloop order conv2d_i8_k3_f32_real --dir cases");
  EXPECT_EQ(order.status, 1);
  EXPECT_TRUE(contains(order.text, "no order was looked for: cases can't be asked for other data")) << order.text;
}

}  // namespace
}  // namespace refloop::cli
