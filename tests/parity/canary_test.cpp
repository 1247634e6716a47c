// Which LibTorch this is: whether its kernels run as they are described, and whether its BLAS sums in order. Includes
// no torch.
#include <gtest/gtest.h>
#include <link.h>

#include <filesystem>
#include <iterator>
#include <utility>

#include "check/tensors.h"
#include "families/views.h"
#include "parity/matrix_product.h"
#include "parity/sweep_cases.h"

namespace refloop::parity {
namespace {

/// Whether a library of that path is loaded: Debian's reference BLAS is blas/libblas.so, OpenBLAS lies elsewhere.
bool is_loaded(std::string_view part_of_path) {
  struct Search {
    std::string_view wanted;
    bool found = false;
  } search{part_of_path};
  dl_iterate_phdr(
      [](dl_phdr_info* library, std::size_t, void* data) {
        auto& [wanted, found] = *static_cast<Search*>(data);
        std::error_code missing;
        const auto path = std::filesystem::canonical(library->dlpi_name, missing).string();
        found = found || path.find(wanted) != std::string::npos;
        return 0;
      },
      &search);
  return search.found;
}

/// The loops, on inputs that `change` may replace.
template <class Change>
Subject loops_on(const char* name, Change change) {
  const auto run = [change](const Case& c, Tensors in) -> Outcome {
    std::vector<AnyTensor> changed(in.begin(), in.end());
    change(c, changed);
    std::vector<AnyTensor> outputs = c.family->outputs(c);
    (*contract(c))(c, changed, outputs);
    return {.outputs = std::move(outputs)};
  };
  return {.name = name, .run = run, .order = contract};
}

/// The loops with their channels turned round, which is the same sum from its other end.
Subject backwards() {
  return loops_on("backwards", [](const Case& c, std::vector<AnyTensor>& in) {
    if (c.groups != 1) return;
    for (AnyTensor& tensor : std::span(in).first(2)) tensor = flip(tensor, 1, element_size(tensor.dtype));
  });
}

TEST(Canary, KnowsTheLoops) {
  EXPECT_TRUE(keeps_order(family::conv, loops_on("loops", [](const Case&, std::vector<AnyTensor>&) {})));
}

TEST(Canary, HearsASumFromItsOtherEnd) {
  EXPECT_FALSE(keeps_order(family::conv, backwards()));
}

TEST(Canary, HearsLibTorchKeepItsOrder) {
  if (blas_keeps_order()) return;
  ASSERT_FALSE(is_loaded("/blas/libblas.so")) << "the reference BLAS is loaded, and sums in order";
  GTEST_SKIP() << no_order_sentence << ": they are compared on integer, wide and coded data only";
}

TEST(LibTorch, RunsWithoutFusedMultiplyAdd) {
  EXPECT_EQ(refloop_parity_library()->capability, "default");
}

TEST(LibTorch, SumsConvolutionsThroughItsBlasAndWhatItComputesByThem) {
  const auto summed_by = [](std::string_view text) { return refloop_parity_library()->summed_by(parse(text)); };
  const std::string blas = summed_by("conv2d_i6_k2_f32_real_seed0");
  EXPECT_NE(blas, "");
  EXPECT_EQ(summed_by("conv1d_i6_k2_d2_f32_integer_seed0"), blas);
  EXPECT_EQ(summed_by("avg_pool2d_i6_k2_d1x2_f32_real_seed0"), blas);
  EXPECT_EQ(summed_by("avg_pool3d_i6_k2_p1_q1x0x1_f32_real_seed0"), blas);
  EXPECT_EQ(summed_by("avg_pool2d_i6_k2_p1_f32_real_seed0"), "");
  EXPECT_EQ(summed_by("max_pool2d_i6_k2_p1_q0_f32_real_seed0"), "");
  EXPECT_EQ(summed_by("min_pool1d_i6_k2_d2_f32_real_seed0"), "");
  EXPECT_EQ(summed_by("batch_norm2d_n2_i6_f32_real_seed0"), "");
}

/// Which path ran is told by who summed: "native is really textbook" would pass every sweep.
TEST(Paths, SumTheirProductsAsTheyAreDescribed) {
  const Case c = parse("conv2d_n2_c16_i14_o16_k3_p1_f32_real_seed1");
  const auto products_of = [&](const char* path) {
    const ProductCounts before = matrix_product_counts();
    EXPECT_FALSE(subject(path).run(c, c.family->inputs(c)).outputs.empty()) << path;
    const ProductCounts after = matrix_product_counts();
    return std::pair(after.in_order - before.in_order, after.by_blas - before.by_blas);
  };
  for (const char* path : {"native", "module"}) {
    EXPECT_EQ(products_of(path).first, 0u) << path;
    EXPECT_GT(products_of(path).second, 0u) << path;
  }
  EXPECT_GT(products_of("textbook").first, 0u);
  EXPECT_EQ(products_of("textbook").second, 0u);
  if (refloop_parity_library()->onednn) {
    EXPECT_EQ(products_of("onednn"), std::pair(std::uint64_t{0}, std::uint64_t{0})) << "oneDNN sums by itself";
  }
}

/// oneDNN adds in an order of its own, so some random floats must come out otherwise.
TEST(Paths, ThroughOneDnnRoundOtherwise) {
  if (!refloop_parity_library()->onednn) GTEST_SKIP() << "this LibTorch was built without oneDNN";
  int differing = 0;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    Case c = parse("conv2d_n2_c16_i14_o16_k3_p1_f32_real");
    c.seed = seed;
    const auto inputs = c.family->inputs(c);
    differing += digest(subject("native").run(c, inputs).outputs) != digest(subject("onednn").run(c, inputs).outputs);
  }
  EXPECT_GT(differing, 0);
}

TEST(LibTorch, HasAPathForEachNameThatTheProgramTakes) {
  const auto& subjects = refloop_parity_library()->subjects;
  ASSERT_EQ(subjects.size(), std::size(paths));
  for (std::size_t number = 0; number < std::size(paths); ++number) {
    EXPECT_EQ(subjects[number].name, paths[number].name);
    EXPECT_EQ(&subject(paths[number].name), &subjects[number]);
  }
}

}  // namespace
}  // namespace refloop::parity
