// Tensors whose type and rank are known at run time.
#include <gtest/gtest.h>

#include <set>
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
  const AnyTensor tensor = make_tensor("output", DType::f32, {2, 3}, {Layout::strided, 5});
  const auto bytes = whole_memory(tensor);
  EXPECT_EQ(bytes.size(), (5 + memory_span(tensor)) * sizeof(float));
  const auto* const elements = static_cast<const float*>(tensor.memory.get());
  for (std::size_t at = 0; at < 5 + memory_span(tensor); ++at) EXPECT_NE(elements[at], elements[at]) << at;
}

/// Zero is often right: what nobody wrote must not be.
TEST(Poison, IsNoValueThatAKernelComputesInAnyType) {
  for (std::size_t number = 0; number < std::size(dtype_terms); ++number) {
    const AnyTensor fresh = make_tensor("output", static_cast<DType>(number), {3, 5});
    dispatch(fresh.dtype, [&]<class T>() {
      for (const T value : elements<T>(fresh)) {
        EXPECT_FALSE(value == T{0} || value == T{1} || value == static_cast<T>(-1)) << dtype_terms[number].name;
      }
    });
  }
}

TEST(Memory, LiesAsItsLayoutSays) {
  const std::vector<Index> shape{2, 3, 4, 5};
  EXPECT_EQ(strides_of(shape, Layout::dense), (std::vector<Index>{60, 20, 5, 1}));
  EXPECT_EQ(strides_of(shape, Layout::channels_last), (std::vector<Index>{60, 1, 15, 3}));
  EXPECT_EQ(strides_of(shape, Layout::slice), (std::vector<Index>{100, 1, 25, 5})) << "of 5 channels, 3 are shown";
  EXPECT_EQ(strides_of(shape, Layout::transposed), (std::vector<Index>{60, 20, 1, 4}));
  EXPECT_EQ(strides_of(shape, Layout::strided), (std::vector<Index>{136, 45, 11, 2}));
  EXPECT_EQ(strides_of({7}, Layout::strided), (std::vector<Index>{1})) << "a bias is dense";
}

TEST(Memory, OfNoTwoElementsIsTheSame) {
  for (const auto& shape : {std::vector<Index>{3, 4}, {2, 3, 4}, {2, 3, 4, 5}, {2, 1, 1, 3, 2}}) {
    for (std::size_t layout = 0; layout < std::size(layout_terms); ++layout) {
      const AnyTensor tensor = make_tensor("t", DType::int8, shape, {static_cast<Layout>(layout), 1});
      std::set<Index> offsets;
      for_each_offset(tensor, [&](Index offset) { offsets.insert(offset); });
      EXPECT_EQ(offsets.size(), static_cast<std::size_t>(tensor.size())) << layout_terms[layout].name;
      EXPECT_GE(*offsets.begin(), 0);
      EXPECT_LT(*offsets.rbegin(), static_cast<Index>(memory_span(tensor)));
    }
  }
}

}  // namespace
}  // namespace refloop
