// What a call must satisfy before its loops run, said once, for calls and for case texts alike.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "refloop/error.h"
#include "refloop/tensor.h"
#include "refloop/window.h"

namespace refloop {

/// The settings of a sliding window, one entry per axis.
struct WindowNumbers {
  std::span<const Index> kernel, stride, before, after, dilation;
  bool ceil_mode = false;
};

[[noreturn]] void refuse(std::string_view name, const std::string& sentence);

/// Every setting in range (stride, dilation and kernel 1 or more, padding 0 or more, none above max_setting).
void check_window(std::string_view name, const WindowNumbers& window);
/// The window fits at least once into the padded input on every axis, and no input axis is empty.
void check_fit(std::string_view name, std::span<const Index> input, const WindowNumbers& window);
/// The output a caller brings has the extents the operator gives.
void check_output(std::string_view name, std::span<const Index> found, std::span<const Index> wanted);

/// input N, C, spatial; weight O, C/groups, kernel; bias: its length.
void check_conv(std::string_view name, std::span<const Index> input, std::span<const Index> weight,
                std::optional<Index> bias, const WindowNumbers& window, Index groups);

/// input N, C, spatial. Padding is at most half the kernel, as in LibTorch, so that no undilated window is all padding.
void check_pool(std::string_view name, std::span<const Index> input, const WindowNumbers& window,
                std::optional<Index> divisor_override);

/// How many values each channel parameter of a batch norm has, where it is given.
struct BatchNormSizes {
  std::optional<Index> weight{}, bias{}, running_mean{}, running_var{};
};
/// input N, C, spatial (none for N x C).
void check_batch_norm(std::string_view name, std::span<const Index> input, const BatchNormSizes& sizes, bool training,
                      double momentum, double eps);

/// Settings stay below this, so that no position or size can leave 64 bits.
inline constexpr Index max_setting = 2147483647;

}  // namespace refloop
