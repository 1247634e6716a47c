// Tensors whose type and rank are known at run time.
#include <gtest/gtest.h>

#include <type_traits>

#include "check/subjects.h"

namespace refloop {
namespace {

TEST(AnyTensor, GivesViewsOfItsOwnTypeAndRankOnly) {
  AnyTensor tensor = make_tensor("weight", DType::f32, {2, 3});
  const auto view = tensor.view<float, 2>();
  EXPECT_EQ(view.extents, (Extents<2>{2, 3}));
  EXPECT_EQ(complaint([&] { tensor.view<float, 3>(); }),
            "weight is 2x3 f32, of rank 2; a view of f32 with rank 3 can't see it");
  EXPECT_EQ(complaint([&] { tensor.view<double, 2>(); }),
            "weight is 2x3 f32, of rank 2; a view of f64 with rank 2 can't see it");
}

TEST(AnyTensor, GivesConstViewsWhereItIsConst) {
  const AnyTensor tensor = make_tensor("input", DType::int8, {4});
  static_assert(std::is_same_v<decltype(tensor.view<std::int8_t, 1>()), TensorView<const std::int8_t, 1>>);
  static_assert(std::is_same_v<decltype(tensor.view<const std::int8_t, 1>()), TensorView<const std::int8_t, 1>>);
}

TEST(Poison, FillsEveryElementAndEveryGap) {
  AnyTensor tensor = make_tensor("output", DType::f32, {2, 3}, Layout::strided);
  const auto* const elements = static_cast<const float*>(tensor.data);
  for (std::size_t at = 0; at < memory_span(tensor); ++at) EXPECT_NE(elements[at], elements[at]) << at;
}

}  // namespace
}  // namespace refloop
