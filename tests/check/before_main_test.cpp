// Families are constants: a case may be parsed, and a sweep drawn up, before `main` begins, whatever the link order.
#include <gtest/gtest.h>

#include "check/subjects.h"

namespace refloop {
namespace {

const Case parsed_early = parse("conv2d_i6_k3");
const std::string written_early = to_text(parse("max_pool2d_i6_k3_ceil_indices"));
const std::vector<Sweep> swept_early = family::max_pool.sweeps();
const Result judged_early =
    judge(parse("batch_norm2d_n4_c3_i5_train_f32_real"),
          {.name = "loops",
           .run = [](const Case& c, Tensors in) { return Outcome{outputs_of(*contract(c), c, in)}; },
           .order = contract});

TEST(BeforeMain, CasesAreParsedSweptAndJudged) {
  EXPECT_EQ(parsed_early, parse("conv2d_i6_k3"));
  EXPECT_EQ(written_early, "max_pool2d_i6_k3_ceil_indices_f32_integer_seed0");
  EXPECT_EQ(swept_early.size(), family::max_pool.sweeps().size());
  EXPECT_EQ(judged_early.verdict, Verdict::exact);
}

}  // namespace
}  // namespace refloop
