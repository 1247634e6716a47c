// refloop's tensors beside LibTorch's: the same memory as both, and equality of sizes, type and bits.
#pragma once

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <gtest/gtest.h>
#include <torch/version.h>

#include <limits>
#include <optional>
#include <random>
#include <string_view>

#include "check/tensors.h"
#include "parity/torch_tensors.h"
#include "refloop/window.h"

namespace refloop::parity {

/// Borrows the memory of a tensor, which must live longer.
template <class T, std::size_t Rank>
torch::Tensor as_torch(const Tensor<T, Rank>& tensor) {
  return as_torch(borrowed("", tensor));
}

/// A copy that knows its type and rank.
template <class T, std::size_t Rank>
Tensor<T, Rank> as_tensor(const AnyTensor& any) {
  const auto view = any.view<T, Rank>();
  Tensor<T, Rank> tensor(view.extents);
  for (const auto& at : positions(view.extents)) tensor(at) = view(at);
  return tensor;
}
template <class T, std::size_t Rank>
Tensor<T, Rank> as_tensor(const torch::Tensor& tensor) {
  return as_tensor<T, Rank>(from_torch("", tensor));
}

/// The tensor of that name, if the case has it.
template <class T>
std::optional<Tensor<T, 1>> as_optional(Tensors tensors, std::string_view name) {
  const AnyTensor* const found = find(tensors, name);
  if (found == nullptr) return std::nullopt;
  return as_tensor<T, 1>(*found);
}

/// Numbers of either sign, drawn without LibTorch: whole ones for integers; for floats, so many bits that sums round.
template <class T, std::size_t Rank>
Tensor<T, Rank> drawn(const Extents<Rank>& extents, std::uint64_t seed) {
  std::mt19937_64 bits(seed);
  Tensor<T, Rank> tensor(extents);
  for (T& element : tensor.elements()) {
    const auto whole = static_cast<std::int32_t>(bits() >> 40) - (1 << 23);
    element = is_integer<T> ? static_cast<T>(whole % 100) : static_cast<T>(whole) / static_cast<T>(1 << 20);
  }
  return tensor;
}

/// Small whole numbers with many ties, and among them NaNs of two payloads, infinities and zeros of both signs.
template <class T, std::size_t Rank>
Tensor<T, Rank> ties_and_specials(const Extents<Rank>& extents) {
  constexpr T infinity = std::numeric_limits<T>::infinity();
  const T specials[] = {
      std::numeric_limits<T>::quiet_NaN(), -std::numeric_limits<T>::quiet_NaN(), infinity, -infinity, T{0}, -T{0}};
  std::mt19937_64 bits(5);
  Tensor<T, Rank> tensor(extents);
  for (T& element : tensor.elements()) {
    const auto roll = bits() >> 40;
    element = roll % 64 < 6 ? specials[roll % 64] : static_cast<T>(roll / 64 % 7) - 3;
  }
  return tensor;
}

enum class Payloads : bool { ignored, compared };

/// Sizes, type, and every bit of every element. NaN equals NaN, unless its payload is to be compared too.
inline testing::AssertionResult same_bits(const AnyTensor& got, const AnyTensor& expected, Payloads payloads) {
  if (got.shape != expected.shape || got.dtype != expected.dtype) {
    return testing::AssertionFailure() << testing::PrintToString(got.shape) << ' ' << to_text(got.dtype)
                                       << ", expected " << testing::PrintToString(expected.shape) << ' '
                                       << to_text(expected.dtype);
  }
  const Comparison found = compare(expected, got, {.payloads = payloads == Payloads::compared});
  if (found.differing == 0) return testing::AssertionSuccess();
  return testing::AssertionFailure() << found.differing << " of " << found.compared << " elements differ, first at "
                                     << testing::PrintToString(found.first) << ": expected "
                                     << decimal(expected, found.first) << " (" << hexadecimal(expected, found.first)
                                     << "), got " << decimal(got, found.first) << " (" << hexadecimal(got, found.first)
                                     << ")";
}

template <class T, std::size_t Rank>
testing::AssertionResult same_bits(const Tensor<T, Rank>& ours, const torch::Tensor& theirs,
                                   Payloads payloads = Payloads::ignored) {
  return same_bits(borrowed("ours", ours), from_torch("theirs", theirs), payloads);
}

/// LibTorch on its own kernels and one thread, as the subject `native` has it, for a test that calls it directly.
class OnNativeKernels : public testing::Test {
 protected:
  OnNativeKernels() {
    at::globalContext().setUserEnabledMkldnn(false);
#if TORCH_VERSION_MAJOR >= 2
    at::globalContext().setUserEnabledNNPACK(false);
#endif
    at::set_num_threads(1);
  }

 private:
  c10::AutoGradMode no_grad_{false};
};

class OnNativeKernelsWithCase : public OnNativeKernels, public testing::WithParamInterface<Case> {};

}  // namespace refloop::parity
