// The numbers that torch draws on the CPU: std::mt19937, and what torch makes of its draws.
#pragma once

#include <cmath>
#include <cstdint>
#include <random>

#include "refloop/tensor.h"

namespace refloop::teach {

/// `torch.manual_seed(seed)`. The C++ standard fixes every draw of std::mt19937 (not so of its distributions), so
/// the numbers are the same on every machine.
class TorchGenerator {
 public:
  explicit TorchGenerator(std::uint32_t seed) : random_(seed) {}

  std::uint32_t draw() { return static_cast<std::uint32_t>(random_()); }

  /// `torch.randint(low, high, size)`: the remainder of one draw per element.
  template <std::size_t Rank>
  Tensor<std::int64_t, Rank> randint(Index low, Index high, const Extents<Rank>& size) {
    Tensor<std::int64_t, Rank> tensor(size);
    for (auto& element : tensor.elements()) element = static_cast<Index>(draw()) % (high - low) + low;
    return tensor;
  }

  /// `tensor.uniform_(from, to)` in float32: 24 bits of one draw per element, product and sum rounded one after the
  /// other. With ATEN_CPU_CAPABILITY=default these are torch's bits; its AVX kernels fuse the two (`fused`).
  template <std::size_t Rank>
  Tensor<float, Rank> uniform(float from, float to, const Extents<Rank>& size, bool fused = false) {
    constexpr std::uint32_t low_24_bits = (1U << 24) - 1;
    constexpr float unit = 1.0F / (1U << 24);
    Tensor<float, Rank> tensor(size);
    for (auto& element : tensor.elements()) {
      const float part = static_cast<float>(draw() & low_24_bits) * unit;
      element = fused ? std::fma(part, to - from, from) : part * (to - from) + from;
    }
    return tensor;
  }

 private:
  std::mt19937 random_;
};

}  // namespace refloop::teach
