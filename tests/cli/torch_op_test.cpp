// refloop check --torch-op: operators that a library registers with LibTorch, of tests/parity/ops and of LibTorch's
// own.
#ifdef REFLOOP_OPS
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <regex>

#include "cli/program.h"

namespace refloop::cli {
namespace {

namespace fs = std::filesystem;

const std::string ops = "--lib ./libops.so --torch-op mylib::";
const std::string other_names = "convolve --map image=input filters=weight step=stride pad=padding ";

/// Each test in its folder, where the libraries lie.
class TorchOp : public InOwnShell {
 protected:
  void SetUp() override {
    InOwnShell::SetUp();
    for (const char* name : {"libops.so", "libstable_ops.so"}) {
      fs::remove(folder_ / name);
      fs::create_symlink(fs::path(REFLOOP_OPS) / name, folder_ / name);
    }
  }

  Printed check(const std::string& arguments) const { return run_here("refloop check --jobs 1 " + arguments); }
  std::string refusal(const std::string& arguments) const {
    const Printed printed = check(arguments);
    EXPECT_EQ(printed.status, 2) << printed.text;
    EXPECT_EQ(std::count(printed.text.begin(), printed.text.end(), '\n'), 1) << printed.text;
    return printed.text;
  }
};

TEST_F(TorchOp, IsJudgedAsAnyKernel) {
  const Printed printed = check(ops + "conv2d --random 60");
  EXPECT_EQ(printed.status, 0) << printed.text;
  EXPECT_TRUE(contains(printed.text, "mylib::conv2d has conv2d\n")) << printed.text;
  EXPECT_TRUE(contains(printed.text, "EXACT: the loops and mylib::conv2d agree in every bit")) << printed.text;
  EXPECT_TRUE(contains(printed.text, "dilation ") && contains(printed.text, "groups ")) << printed.text;
}

TEST_F(TorchOp, ThatIsWrongTellsItsStory) {
  const Printed printed = check(ops + "conv1d --like conv1d_s1_f32 --random 30");
  EXPECT_EQ(printed.status, 1) << printed.text;
  EXPECT_TRUE(contains(printed.text, "same bits as the known mistake padding_repeats_edge")) << printed.text;
  std::smatch line;
  ASSERT_TRUE(std::regex_search(printed.text, line, std::regex("again: (refloop check .*)"))) << printed.text;
  EXPECT_TRUE(contains(line[1], "--torch-op mylib::conv1d --case conv1d_")) << line[1];
  EXPECT_TRUE(contains(run_here(line[1]).text, "(this one)")) << line[1];
}

TEST_F(TorchOp, TakesArgumentsOfOtherNames) {
  const Printed printed = check(ops + other_names + "--op conv2d --random 40");
  EXPECT_EQ(printed.status, 0) << printed.text;
  EXPECT_TRUE(contains(printed.text, "takes cases like conv2d_")) << printed.text;
}

/// The case names the operator as well as --op does.
TEST_F(TorchOp, IsWhatTheCaseSays) {
  const Printed printed = check(ops + other_names + "--case conv2d_i7_k3_s2_p1 conv2d_i7_k3_s2x1_p1");
  EXPECT_EQ(printed.status, 0) << printed.text;
  EXPECT_TRUE(contains(printed.text, "1 x SKIPPED: stride is ")) << printed.text;
  EXPECT_TRUE(contains(printed.text, ", which no int holds\n")) << printed.text;
}

TEST_F(TorchOp, IsNotAskedForWhatItsSchemaCannotSay) {
  const Printed printed = check(ops + "conv1d --case conv1d_i7_k3_d2 conv1d_i7_k3_p1_q2 conv1d_c2_i7_o2_k3_g2");
  EXPECT_EQ(printed.status, 1) << "nothing was compared";
  for (const char* setting : {"dilation", "padding_after", "groups"}) {
    EXPECT_TRUE(contains(printed.text, std::string("it has no argument for ") + setting)) << printed.text;
  }
}

TEST_F(TorchOp, IsWrongWhereItRaisesAndSkippedWhereItHasNoKernel) {
  const Printed raised = check(ops + "conv1d --case conv1d_i7_k3_s4");
  EXPECT_EQ(raised.status, 1);
  EXPECT_TRUE(contains(raised.text, "WRONG conv1d_i7_k3_s4")) << raised.text;
  EXPECT_TRUE(contains(raised.text, "a stride of 4 is not wired up")) << raised.text;
  const Printed refused = check(ops + "conv2d --case conv2d_i7_k3_int32");
  EXPECT_TRUE(contains(refused.text, "SKIPPED") && contains(refused.text, "only floats are taken, not Int"))
      << refused.text;
}

TEST_F(TorchOp, OfTheWrongSizeIsWrongInWords) {
  const Printed printed = check(
      "--lib ./libops.so --torch-op aten::conv2d --map padding=dilation dilation=padding --case conv2d_i9_k3_p1_d2");
  EXPECT_EQ(printed.status, 1);
  EXPECT_TRUE(contains(printed.text, "output is 1x1x11x11 of Float; 1x1x7x7 of Float is due")) << printed.text;
}

TEST_F(TorchOp, WritesToWhatItIsGiven) {
  const Printed printed = check(
      "--lib ./libops.so --torch-op aten::max_pool2d_with_indices.out --case max_pool2d_n2_c3_i7_k3x2_s2_p1_indices "
      "max_pool2d_i6_k2_ceil_f64 max_pool2d_i8_k3_d2_real");
  EXPECT_EQ(printed.status, 0) << printed.text;
  EXPECT_TRUE(contains(printed.text, "EXACT\nmax_pool2d  aten__max_pool2d_with_indices.out      3\n")) << printed.text;
}

TEST_F(TorchOp, UpdatesRunningStatistics) {
  const Printed printed = check(
      "--lib ./libops.so --torch-op aten::native_batch_norm --case batch_norm2d_n2_c3_i4_train_affine_stats "
      "batch_norm2d_n2_c3_i4_f64 batch_norm1d_n4_c3_train_stats");
  EXPECT_EQ(printed.status, 0) << printed.text;
  EXPECT_FALSE(contains(printed.text, "SKIPPED")) << printed.text;
}

TEST_F(TorchOp, OfTheStableAbiIsFoundToo) {
  if (!fs::exists(folder_ / "libstable_ops.so")) GTEST_SKIP() << "this LibTorch has no stable ABI";
  const Printed printed =
      check("--lib ./libstable_ops.so --torch-op mystable::conv2d --like conv2d_d1_f32 --random 30");
  EXPECT_EQ(printed.status, 0) << printed.text;
  const Printed order =
      run_here("refloop order conv2d_c3_i6_o2_k3_f32 --lib ./libstable_ops.so --torch-op mystable::conv2d");
  EXPECT_EQ(order.status, 0) << order.text;
}

TEST_F(TorchOp, HasAnOrderThatCanBeAsked) {
  const Printed printed =
      run_here("refloop order conv2d_c3_i6_o2_k3_p1_bias_f32 --lib ./libops.so --torch-op mylib::conv2d");
  EXPECT_EQ(printed.status, 0) << printed.text;
  EXPECT_TRUE(contains(printed.text, "one chain c,kh,kw")) << printed.text;
}

TEST_F(TorchOp, IsListedWhereNoneIsNamed) {
  const Printed printed = check("--lib ./libops.so");
  EXPECT_EQ(printed.status, 2);
  EXPECT_EQ(printed.text,
            "refloop: " + (fs::canonical(folder_) / "libops.so").string() +
                " exports none of the functions of refloop/plugin.h, but registers torch operators:\n"
                "  mylib::conv1d(Tensor x, Tensor w, Tensor? b, int stride=1, int padding=0) -> Tensor\n"
                "  mylib::conv2d(Tensor input, Tensor weight, Tensor? bias=None, int[2] stride=1, int[2] padding=0, "
                "int[2] dilation=1, int groups=1) -> Tensor\n"
                "  mylib::convolve(Tensor image, Tensor filters, int step, *, int pad) -> Tensor\n"
                "check one with --torch-op mylib::conv1d\n");
}

TEST_F(TorchOp, ThatCannotBeHadIsRefusedInOneSentence) {
  const std::string missing = refusal(ops + "conv3d");
  EXPECT_TRUE(contains(missing, "there is no operator mylib::conv3d; ")) << missing;
  EXPECT_TRUE(contains(missing, "libops.so registers mylib::conv1d, mylib::conv2d, mylib::convolve\n")) << missing;
  EXPECT_TRUE(contains(refusal(ops + "convolve"), "by its name mylib::convolve is no operator that refloop has; say "));
  const std::string unmatched = refusal(ops + "convolve --op conv2d --map image=input filters=weight pad=padding");
  EXPECT_TRUE(contains(unmatched, "mylib::convolve(Tensor image, Tensor filters, int step, *, int pad) -> Tensor: "));
  EXPECT_TRUE(contains(unmatched,
                       "what its argument step is can't be told; say it with --map step=FIELD, of input, "
                       "weight, bias, stride, padding, padding_after, dilation, groups, output\n"))
      << unmatched;
  EXPECT_TRUE(contains(refusal(ops + "conv2d --map height=stride"), "there is no argument height\n"));
  EXPECT_TRUE(contains(refusal(ops + "conv2d --map stride=kernel"), "there is no such field; there are input, "));
  EXPECT_TRUE(contains(refusal(ops + "conv2d --map stride=weight"), "it can't be of that type; there are input, "));
  EXPECT_TRUE(contains(refusal(ops + "conv2d --map stride"), "--map takes ARGUMENT=FIELD, not 'stride'\n"));
  EXPECT_TRUE(contains(refusal("--torch-op mylib::conv2d --like conv2d_f32"), "--torch-op requires --lib"));
  EXPECT_TRUE(contains(refusal("--lib /dev/null --torch-op mylib::conv2d"), "refloop: can't load /dev/null: "));
}

TEST_F(TorchOp, NeedsTheDeviceThatItIsGiven) {
  if (fs::exists("/dev/nvidia0")) GTEST_SKIP() << "there is such a device";
  EXPECT_TRUE(contains(refusal(ops + "conv2d --device cuda"), "refloop: --device cuda: there is no CUDA device that "));
}

}  // namespace
}  // namespace refloop::cli
#endif
