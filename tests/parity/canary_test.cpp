// Which LibTorch this is: whether its kernels run as they are described, and whether its BLAS sums in order. Includes
// no torch.
#include <gtest/gtest.h>
#include <link.h>

#include <filesystem>

#include "check/tensors.h"
#include "check/views.h"
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

/// The loops with their channels turned round, which is the same sum from its other end.
Subject backwards() {
  const auto run = [](const Case& c, std::span<const AnyTensor> inputs) {
    std::vector<AnyTensor> turned(inputs.begin(), inputs.end());
    if (c.groups == 1) {
      for (auto& tensor : std::span(turned).first(2)) tensor = flip(tensor, 1, element_size(tensor.dtype));
    }
    Outcome outcome;
    outcome.outputs = family::conv.outputs(c);
    family::conv.loops(c, Order::contiguous, turned, outcome.outputs);
    return outcome;
  };
  return {"backwards", run, [](const Case&) { return Order::contiguous; }};
}

TEST(Canary, KnowsTheLoops) {
  const auto run = [](const Case& c, std::span<const AnyTensor> inputs) {
    Outcome outcome;
    outcome.outputs = family::conv.outputs(c);
    family::conv.loops(c, Order::contiguous, inputs, outcome.outputs);
    return outcome;
  };
  EXPECT_TRUE(keeps_order(family::conv, {"loops", run, [](const Case&) { return Order::contiguous; }}));
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

TEST(LibTorch, HasAPathForEachNameThatTheProgramTakes) {
  for (const Path& path : paths) EXPECT_EQ(subject(path.name).name, path.name);
}

}  // namespace
}  // namespace refloop::parity
