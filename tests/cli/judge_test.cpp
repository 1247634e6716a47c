// refloop judge: tensors that somebody brings.
#include <algorithm>

#include "cli/brought_files.h"

namespace refloop::cli {
namespace {

/// Backwards, the bias first: right, and in no order that has a name. `left_out` of the terms is not added.
float backwards(const Terms& terms, std::size_t left_out) {
  auto sum = static_cast<float>(terms.start);
  for (std::size_t at = terms.values.size(); at-- > 0;) {
    if (at != left_out) sum += static_cast<float>(terms.weights[at]) * static_cast<float>(terms.values[at]);
  }
  return sum;
}
constexpr std::size_t none = 1'000'000;

class Judge : public InAFolder {
 protected:
  void SetUp() override {
    InAFolder::SetUp();
    const Computed conv("conv2d_n1_c4_i8_o4_k3_p1_bias_f32_real_seed3");
    put("x.npy", conv.inputs[0]);
    put("w.npy", conv.inputs[1]);
    put("b.npy", conv.inputs[2]);
    put("loops.npy", conv.outputs()[0]);
    put("backwards.npy", conv.summed([](const Terms& terms) { return backwards(terms, none); }));
    put("dropped.npy", conv.summed([](const Terms& terms) { return backwards(terms, 4); }));
  }
  const std::string conv_ = "refloop judge --op conv2d --input x.npy --weight w.npy --bias b.npy ";
};

TEST_F(Judge, OfTwoOrdersSaysThatNeitherIsABugAndWhichIsNearer) {
  const Printed printed = run_here(conv_ + "--padding 1 --output loops.npy --output backwards.npy");
  EXPECT_EQ(printed.status, 0) << printed.text;
  for (const char* part :
       {"conv2d_c4_i8_o4_k3_p1_bias_f32\n", "loops.npy", "EXACT", "channels_then_taps", "backwards.npy", "BOUNDED",
        "loops.npy and backwards.npy are both within the rounding bound (they differ in ", " elements): not a bug\n",
        "is nearer to the exact sums than ", "a term left out of a sum would show in 100 % of the elements"}) {
    EXPECT_TRUE(contains(printed.text, part)) << part << "\n" << printed.text;
  }
  EXPECT_FALSE(contains(printed.text, "WRONG"));
}

TEST_F(Judge, TellsTheStoryOfTheWrongOneOfThree) {
  const Printed printed =
      run_here(conv_ + "--padding 1 --output loops.npy --output backwards.npy --output dropped.npy");
  EXPECT_EQ(printed.status, 1) << printed.text;
  for (const char* part :
       {"\nWRONG dropped.npy\n", " of 256 elements lie beyond the rounding bound, up to ",
        "first at output[0, 0, 0, 0]: expected ", ", got ", "as if summed without the product of c0 kh1 kw1\n",
        "loops.npy and backwards.npy are both within the rounding bound"}) {
    EXPECT_TRUE(contains(printed.text, part)) << part << "\n" << printed.text;
  }
  EXPECT_FALSE(contains(printed.text, "WRONG loops.npy") || contains(printed.text, "WRONG backwards.npy"));
}

TEST_F(Judge, SaysWhatCannotTellARightKernelFromABrokenOne) {
  Computed conv("conv2d_n1_c4_i8_o4_k3_p1_bias_f32_real_seed3");
  for (AnyTensor* input : {&conv.inputs[0], &conv.inputs[2]}) {
    std::fill_n(static_cast<float*>(input->data), input->size(), 0.F);
  }
  put("zeros.npy", conv.inputs[0]);
  put("no_bias.npy", conv.inputs[2]);
  put("y.npy", conv.outputs()[0]);
  const Printed printed = run_here(
      "refloop judge --op conv2d --input zeros.npy --weight w.npy --bias no_bias.npy --padding 1 --output y.npy");
  EXPECT_EQ(printed.status, 1) << printed.text;
  EXPECT_TRUE(contains(printed.text, "WEAK")) << printed.text;
  EXPECT_TRUE(contains(printed.text, "y.npy: nearly all outputs are zero or NaN")) << printed.text;
}

TEST_F(Judge, IndicesAreForPoolsThatHaveThem) {
  put("indices.npy", Computed("max_pool2d_n1_c4_i8_k2_indices_f32_real_seed3").outputs()[1]);
  const Printed printed =
      run_here("refloop judge --op avg_pool2d --input x.npy --kernel 2 --output x.npy --indices indices.npy");
  EXPECT_EQ(printed.status, 2);
  EXPECT_TRUE(contains(printed.text, "avg_pool2d takes no --indices")) << printed.text;
}

TEST_F(Judge, NamesTheKnownMistake) {
  const Computed conv("conv2d_n1_c4_i8_o4_k3_p1_bias_f32_real_seed3");
  for (const Way& mistake : conv.c.family->mistakes) {
    if (mistake.name == "kernel_flipped") put("y.npy", outputs_of(mistake, conv.c, *contract(conv.c), conv.inputs)[0]);
  }
  const Printed printed = run_here(conv_ + "--padding 1 --output y.npy");
  EXPECT_EQ(printed.status, 1);
  EXPECT_TRUE(contains(printed.text, "same bits as the known mistake kernel_flipped\n")) << printed.text;
}

TEST_F(Judge, ProposesTheSettingsThatWereLeftOut) {
  const Printed same = run_here(conv_ + "--output loops.npy");
  EXPECT_EQ(same.status, 2);
  EXPECT_TRUE(contains(same.text, "refloop: loops.npy is 1x4x8x8; --padding 1, or --padding 2 --dilation 2, or "))
      << same.text;
  EXPECT_TRUE(contains(same.text, "; only with --padding 1 are its numbers right\n")) << same.text;
  const Printed wrong = run_here(conv_ + "--output dropped.npy");
  EXPECT_EQ(wrong.status, 2);
  EXPECT_TRUE(contains(wrong.text, "; with none are its numbers right\n")) << wrong.text;

  const Computed strided("conv2d_n1_c4_i8_o4_k3_p1_s2x1_d1x2_q1x3_bias_f32_real_seed3");
  put("y.npy", strided.outputs()[0]);
  const Printed open = run_here(conv_ + "--padding-after 1x3 --dilation 1x2 --output y.npy");
  EXPECT_TRUE(contains(open.text, "; only with --stride 2x1 --padding 1 --padding-after 1x3 --dilation 1x2 are its "))
      << open.text;
  const Printed said = run_here(conv_ + "--stride 2x1 --padding 1 --padding-after 1x3 --dilation 1x2 --output y.npy");
  EXPECT_EQ(said.status, 0) << said.text;
}

TEST_F(Judge, OfWrongNumbersSaysWithWhichSettingsTheyAreRight) {
  const Computed dilated("conv1d_c2_i3_o2_k3_p1_d2_f32_real_seed3");
  put("x.npy", dilated.inputs[0]);
  put("w.npy", dilated.inputs[1]);
  put("y.npy", dilated.outputs()[0]);
  const std::string line = "refloop judge --op conv1d --input x.npy --weight w.npy --output y.npy";
  const Printed printed = run_here(line);
  EXPECT_EQ(printed.status, 1) << printed.text;
  EXPECT_TRUE(contains(printed.text, "its numbers are right with --padding 1 --dilation 2, or ")) << printed.text;
  EXPECT_FALSE(contains(run_here(line + " --dilation 1").text, "its numbers are right")) << "what is said stays";
}

TEST_F(Judge, OfAShapeThatNoSettingGivesTellsTheFormula) {
  const Printed printed = run_here(conv_ +
                                   "--padding 1 --stride 1 --dilation 1 --padding-after 1 --output x.npy "
                                   "--output w.npy");
  EXPECT_EQ(printed.status, 1) << printed.text;
  EXPECT_TRUE(
      contains(printed.text, "output is 4x4x3x3 f32; 1x4x8x8 f32 is due; y: floor((8 + 1 + 1 - 3) / 1) + 1 = 8"))
      << printed.text;
}

TEST_F(Judge, TakesPoolsWithTheirIndices) {
  const Computed pool("max_pool2d_c3_i7x9_k3x2_s2_p1_ceil_indices_f32_real_seed2");
  put("x.npy", pool.inputs[0]);
  const auto outputs = pool.outputs();
  put("y.npy", outputs[0]);
  put("i.npy", outputs[1]);
  const std::string line =
      "refloop judge --op max_pool2d --input x.npy --kernel 3x2 --stride 2 --padding 1 --ceil-mode --output y.npy ";
  const Printed printed = run_here(line + "--indices i.npy");
  EXPECT_EQ(printed.status, 0) << printed.text;
  EXPECT_EQ(run_here(line).status, 0) << "without them too";
  ++static_cast<std::int64_t*>(outputs[1].data)[5];
  put("i.npy", outputs[1]);
  const Printed wrong = run_here(line + "--indices i.npy");
  EXPECT_EQ(wrong.status, 1);
  EXPECT_TRUE(contains(wrong.text, "1 of ") && contains(wrong.text, "first at indices[0, 0, 1, 0]: expected "))
      << wrong.text;
  const Printed open = run_here("refloop judge --op max_pool --input x.npy --output y.npy");
  EXPECT_EQ(open.status, 2);
  EXPECT_TRUE(contains(open.text, "would give that")) << open.text;
}

TEST_F(Judge, TakesBatchNormInTrainingAndEvaluation) {
  const Computed train("batch_norm2d_n2_c3_i4_train_affine_stats_eps1em3_f32_real_seed1");
  for (const AnyTensor& input : train.inputs) put(std::string(input.name) + ".npy", input);
  const auto outputs = train.outputs();
  for (const AnyTensor& output : outputs) put("new_" + std::string(output.name) + ".npy", output);
  const std::string line =
      "refloop judge --op batch_norm2d --input input.npy --weight weight.npy --bias bias.npy --eps 1e-3 "
      "--running-mean running_mean.npy --running-var running_var.npy ";
  const std::string training =
      "--training --output new_output.npy --new-running-mean new_running_mean.npy "
      "--new-running-var new_running_var.npy";
  const Printed printed = run_here(line + training);
  EXPECT_EQ(printed.status, 0) << printed.text;
  EXPECT_TRUE(contains(printed.text, "EXACT"));
  expect_refusal(line + "--output new_output.npy --new-running-mean new_running_mean.npy",
                 "batch_norm2d takes no --new-running-mean as it is called here");
  expect_refusal(line + "--training --output new_output.npy",
                 "batch_norm2d takes no --running-mean as it is called here");
  const Computed eval("batch_norm2d_n2_c3_i4_eval_affine_eps1em3_f32_real_seed1");
  for (const AnyTensor& input : eval.inputs) put(std::string(input.name) + ".npy", input);
  put("y.npy", eval.outputs()[0]);
  EXPECT_EQ(run_here(line + "--output y.npy").status, 0);
}

TEST_F(Judge, TakesWhatAKernelSaysOfItself) {
  const Printed narrow = run_here(conv_ + "--padding 1 --arithmetic tf32 --output loops.npy --output dropped.npy");
  EXPECT_EQ(narrow.status, 1) << narrow.text;
  const Printed exact = run_here(conv_ + "--padding 1 --require exact --output backwards.npy");
  EXPECT_EQ(exact.status, 1);
  EXPECT_TRUE(
      contains(exact.text, "within the rounding bound, but no order of summation that is known gives these bits"))
      << exact.text;
}

TEST_F(Judge, RefusesInOneSentenceWhatDoesNotBelongTogether) {
  expect_refusal(
      "refloop judge --op conv4d --input x.npy --weight w.npy --output x.npy",
      "there is no operator conv4d; --op takes conv, conv1d, conv2d, conv3d, max_pool, max_pool1d, max_pool2d, "
      "max_pool3d, min_pool, min_pool1d, min_pool2d, min_pool3d, avg_pool, avg_pool1d, avg_pool2d, avg_pool3d, "
      "batch_norm, batch_norm1d, batch_norm2d, batch_norm3d");
  expect_refusal("refloop judge --op conv2d --input missing.npy --weight w.npy --output x.npy",
                 "there is no file missing.npy");
  expect_refusal("refloop judge --op conv1d --input x.npy --weight w.npy --output x.npy",
                 "x.npy has 4 axes; conv1d takes N x C and 1 more");
  expect_refusal("refloop judge --op conv2d --input x.npy --output x.npy", "conv2d takes --weight");
  expect_refusal(conv_ + "--kernel 3 --output loops.npy",
                 "conv2d takes no --kernel: of settings it takes --stride, --padding, --padding-after, --dilation, "
                 "--groups");
  expect_refusal(conv_ + "--stride 0 --output loops.npy", "s (stride) takes 1 or more, not 0");
  expect_refusal(conv_ + "--stride x --output loops.npy",
                 "--stride takes one number from 1 for all axes, or one per axis with x between, not 'x'");
  expect_refusal("refloop judge --op conv2d --input x.npy --weight w.npy --bias x.npy --output loops.npy",
                 "x.npy is 1x4x8x8 f32; as bias of conv2d on 1x4x8x8 f32 with these settings 4 f32 is due");
  expect_refusal("refloop judge --op max_pool2d --input x.npy --weight w.npy --kernel 2 --output x.npy",
                 "max_pool2d takes no --weight as it is called here");
  put("wide.npy", make_tensor("output", DType::f64, {1, 4, 8, 8}));
  expect_refusal(conv_ + "--padding 1 --output wide.npy",
                 "wide.npy holds f64; of these inputs output of conv2d is f32");
  std::ofstream(folder_ / "text.npy") << "1 2 3";
  expect_refusal(conv_ + "--padding 1 --output text.npy",
                 "text.npy is no .npy file: it does not begin as np.save has them begin");
}

}  // namespace
}  // namespace refloop::cli
