#include "kernels/checks.h"

#include <algorithm>

namespace refloop {
namespace {

void check_range(std::string_view name, std::string_view setting, std::span<const Index> values, Index least) {
  const auto allowed = [least](Index value) { return value >= least && value <= max_setting; };
  if (std::all_of(values.begin(), values.end(), allowed)) return;
  refuse(name, std::string(setting) + " takes " + std::to_string(least) + " to " + std::to_string(max_setting) +
                   " on every axis, not " + join(values));
}

}  // namespace

std::string join(std::span<const Index> numbers) {
  std::string text;
  for (const Index number : numbers) {
    if (!text.empty()) text += 'x';
    text += std::to_string(number);
  }
  return text;
}

void refuse(std::string_view name, const std::string& sentence) {
  throw Error(std::string(name) + ": " + sentence);
}

void check_window(std::string_view name, const WindowNumbers& window) {
  check_range(name, "kernel", window.kernel, 1);
  check_range(name, "stride", window.stride, 1);
  check_range(name, "padding", window.before, 0);
  check_range(name, "padding after", window.after, 0);
  check_range(name, "dilation", window.dilation, 1);
}

void check_fit(std::string_view name, std::span<const Index> input, const WindowNumbers& window) {
  check_range(name, "input size", input, 1);
  for (std::size_t axis = 0; axis < input.size(); ++axis) {
    const Index padded = input[axis] + window.before[axis] + window.after[axis];
    const Index reach = window.dilation[axis] * (window.kernel[axis] - 1) + 1;
    if (reach <= padded) continue;
    refuse(name, "kernel " + join(window.kernel) + " with dilation " + join(window.dilation) + " reaches over " +
                     std::to_string(reach) + " cells of spatial axis " + std::to_string(axis) +
                     ", which has no more than " + std::to_string(padded) + " with its padding");
  }
}

void check_output(std::string_view name, std::span<const Index> found, std::span<const Index> wanted) {
  if (std::equal(found.begin(), found.end(), wanted.begin(), wanted.end())) return;
  refuse(name, "output is " + join(found) + "; these inputs and settings give " + join(wanted));
}

void check_conv(std::string_view name, std::span<const Index> input, std::span<const Index> weight,
                std::optional<Index> bias, const WindowNumbers& window, Index groups) {
  const Index batch = input[0];
  const Index channels = input[1];
  const Index out_channels = weight[0];

  check_window(name, window);
  if (batch < 0) refuse(name, "batch takes 0 or more, not " + std::to_string(batch));
  if (channels < 1) refuse(name, "input channels take 1 or more, not " + std::to_string(channels));
  if (out_channels < 1) refuse(name, "output channels take 1 or more, not " + std::to_string(out_channels));
  if (groups < 1) refuse(name, "groups takes 1 or more, not " + std::to_string(groups));
  if (channels % groups != 0 || out_channels % groups != 0) {
    refuse(name, "groups takes a number that divides both input and output channels, " + std::to_string(channels) +
                     " and " + std::to_string(out_channels) + ", not " + std::to_string(groups));
  }
  if (weight[1] * groups != channels) {
    refuse(name, "input has " + std::to_string(channels) + " channels; weight wants " + std::to_string(weight[1]) +
                     " x " + std::to_string(groups) + " groups = " + std::to_string(weight[1] * groups));
  }
  if (bias && *bias != out_channels) {
    refuse(name, "bias has " + std::to_string(*bias) + " values; weight has " + std::to_string(out_channels) +
                     " output channels");
  }
  check_fit(name, input.subspan(2), window);
}

}  // namespace refloop
