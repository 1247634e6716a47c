// Cases as files: what a run that is broken off leaves, and what the folder's subject answers.
#include "subjects/files.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>

#include "check/data.h"
#include "check/tensors.h"
#include "check/ways.h"
#include "own_folder.h"
#include "subjects/npy.h"

namespace refloop::subjects {
namespace {

namespace fs = std::filesystem;

class FilesOf : public InOwnFolder {
 protected:
  std::string cases_ = (folder_ / "cases").string();
};

TEST_F(FilesOf, ABrokenOffExportAreGone) {
  const std::vector<Case> cases{parse("conv2d_i5_k3"), parse("conv2d_i6_k3")};
  int asked = 0;
  EXPECT_THROW(export_cases(cases_, cases, [&] { return ++asked > 1; }), Error);
  EXPECT_TRUE(fs::is_empty(folder_));
  export_cases(cases_, cases);
  EXPECT_EQ(Files(cases_).cases(), cases);
}

TEST_F(FilesOf, AnExportAnswerOnceAndForTheirCasesAlone) {
  const Case c = parse("max_pool2d_i5_k2_indices_f32_real_seed3");
  export_cases(cases_, std::vector<Case>{c});
  const Subject subject = Files(cases_).subject();
  EXPECT_TRUE(subject.answers_once);
  EXPECT_EQ(subject.order(c), nullptr);
  const auto inputs = inputs_of(c);
  EXPECT_EQ(subject.run(c, inputs).reason, "no outputs were put there");
  EXPECT_EQ(subject.run(parse("conv2d_i5_k3"), inputs).reason, "it was not exported");

  const auto outputs = outputs_of(*contract(c), c, inputs);
  write_npy(cases_ + "/0000.output.npy", outputs[0]);
  EXPECT_EQ(subject.run(c, inputs).instead, Verdict::wrong) << "the indices are missing";
  write_npy(cases_ + "/0000.indices.npy", outputs[1]);
  const Outcome outcome = subject.run(c, inputs);
  EXPECT_EQ(outcome.instead, Verdict::exact);
  EXPECT_EQ(digest(outcome.outputs), digest(outputs));
  EXPECT_EQ(judge(c, subject).verdict, Verdict::exact);
}

TEST_F(FilesOf, AnExportHoldTheInputsOfTheText) {
  const Case c = parse("batch_norm2d_n2_c3_i4_train_affine_stats_f64_wild_seed3");
  export_cases(cases_, std::vector<Case>{c});
  for (const AnyTensor& input : inputs_of(c)) {
    const AnyTensor read = read_npy(cases_ + "/0000." + std::string(input.name) + ".npy", input.name);
    EXPECT_EQ(digest({&read, 1}), digest({&input, 1})) << input.name;
  }
}

}  // namespace
}  // namespace refloop::subjects
