#include "teach/torch_generator.h"

#include <gtest/gtest.h>

#include <bit>

namespace refloop::teach {
namespace {

// Measured on LibTorch 1.13.1: manual_seed(42), randint(0, 10, (7, 10)), then Conv1d(7, 8, 2).
TEST(TorchGenerator, DrawsTheBitsOfALayerAsTorchDoes) {
  TorchGenerator generator(42);
  const auto input = generator.randint(0, 10, Extents<2>{7, 10});
  EXPECT_EQ(input(0, 0), 2);
  EXPECT_EQ(input(6, 9), 1);

  const float bound = 0x1.11aceep-2F;
  const auto weight = generator.uniform(-bound, bound, Extents<3>{8, 7, 2});
  const auto bias = generator.uniform(-bound, bound, Extents<1>{8});
  EXPECT_EQ(std::bit_cast<std::uint32_t>(weight(0, 0, 0)), 0x3e7627ceU);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(weight(7, 6, 1)), 0x3e0d60e6U);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(bias(0)), 0x3d468068U);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(bias(7)), 0x3cea3970U);
}

// The same, without ATEN_CPU_CAPABILITY=default on a processor with AVX2.
TEST(TorchGenerator, FusesAsTorchsKernelForAvxDoes) {
  TorchGenerator generator(42);
  generator.randint(0, 10, Extents<2>{7, 10});
  const float bound = 0x1.11aceep-2F;
  const auto weight = generator.uniform(-bound, bound, Extents<3>{8, 7, 2}, true);
  const auto bias = generator.uniform(-bound, bound, Extents<1>{8}, true);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(weight(0, 0, 0)), 0x3e7627ccU);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(weight(7, 6, 1)), 0x3e0d60e7U);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(bias(0)), 0x3d46806bU);
  EXPECT_EQ(std::bit_cast<std::uint32_t>(bias(7)), 0x3cea3976U);
}

}  // namespace
}  // namespace refloop::teach
