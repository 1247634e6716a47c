// Kernels by TVM-FFI's calling convention, in a library that its PyPI package builds (kernels/tvm_ffi.cpp).
#include <gtest/gtest.h>

#include "check/call_names.h"
#include "refloop/check.h"
#include "subjects/library.h"

#ifndef REFLOOP_TVM_FFI
#define REFLOOP_TVM_FFI ""
#endif

namespace refloop::subjects {
namespace {

class TvmFfi : public testing::Test {
 protected:
  void SetUp() override {
    if (library_.empty()) GTEST_SKIP() << "apache-tvm-ffi is not installed: there is no tvm-ffi-config on PATH";
  }
  Result judged(const char* text) const { return judge(parse(text), open_library(library_).subject()); }

  const std::string library_ = REFLOOP_TVM_FFI;
};

TEST_F(TvmFfi, FunctionsAreFoundByTheirNames) {
  EXPECT_EQ(open_library(library_).operators(), (std::set<std::string>{"batch_norm2d", "conv1d", "conv2d"}));
}

TEST_F(TvmFfi, KernelsAreJudgedAsAnyOther) {
  const Subject subject = open_library(library_).subject();
  for (const char* text : {"conv2d_n2_c4_i7x9_o6_k3x2_s2x1_p1x0_d1x2_g2_bias_f32_integer_seed1",
                           "conv2d_c3_i6_o4_k3_p1_f32_real_seed2", "conv2d_n0_c2_i5_o2_k3_f32_integer_seed3"}) {
    const Result result = judge(parse(text), subject);
    EXPECT_EQ(result.verdict, Verdict::exact) << text << ": " << result.reason;
  }
  EXPECT_EQ(judge(parse("conv1d_i5_k3_p1"), subject).verdict, Verdict::wrong);
}

TEST_F(TvmFfi, ErrorsAreToldWithTheirKind) {
  const Result refused = judged("conv2d_i5_k3_p1_q2"), raised = judged("conv1d_i9_k3_s4");
  EXPECT_EQ(refused.verdict, Verdict::skipped);
  EXPECT_EQ(refused.reason, "NotImplementedError: padding is the same on both sides");
  EXPECT_EQ(raised.verdict, Verdict::wrong);
  EXPECT_EQ(raised.reason, "ValueError: a stride of 4 is not wired up");
}

/// It tells what it was given.
TEST_F(TvmFfi, TensorsComeFirstThenSettingsThenOutputs) {
  EXPECT_EQ(judged("batch_norm2d_n2_i3_train_affine_stats_mom0p5").reason,
            "ValueError: rank 4, affine, running, training 0.5 1e-05 4");
  EXPECT_EQ(judged("batch_norm2d_n2_i3_train").reason, "ValueError: rank 4, training 0.1 1e-05 4");
}

TEST(CallNames, AreThoseOfTheOperator) {
  EXPECT_EQ(call_names(family::avg_pool, 2).outputs, Names{"output"});
  EXPECT_EQ(call_names(family::max_pool, 2).outputs, (Names{"output", "indices"}));
  EXPECT_EQ(call_names(family::conv, 1).needed, (Names{"input", "weight"}));
  EXPECT_EQ(call_names(family::batch_norm, 2).all(),
            (Names{"input", "weight", "bias", "running_mean", "running_var", "training", "momentum", "eps", "output"}));
}

}  // namespace
}  // namespace refloop::subjects
