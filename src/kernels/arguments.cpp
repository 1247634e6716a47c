#include "kernels/arguments.h"

#include <algorithm>
#include <cstdio>
#include <limits>

namespace refloop {
namespace {

void check_range(std::string_view name, std::string_view setting, std::span<const Index> values, Index least) {
  const auto allowed = [least](Index value) { return value >= least && value <= max_setting; };
  if (std::all_of(values.begin(), values.end(), allowed)) return;
  refuse(name, std::string(setting) + " takes " + std::to_string(least) + " to " + std::to_string(max_setting) +
                   " on every axis, not " + to_string(values));
}

std::string number_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%g", value);
  return text;
}

/// Positions in a tensor are counted in 64 bits, however little memory views of stride 0 take.
void check_volume(std::string_view name, std::string_view tensor, std::span<const Index> extents) {
  Index elements = 1;
  for (const Index extent : extents) {
    if (!__builtin_mul_overflow(elements, extent, &elements)) continue;
    refuse(name, std::string(tensor) + " of " + to_string(extents) + " has more elements than 64 bits count");
  }
}

/// The largest float: what is added to a variance in T stays a number there.
constexpr double max_eps = std::numeric_limits<float>::max();

}  // namespace

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
    const Index overhang = window.ceil_mode ? window.stride[axis] - 1 : 0;
    const Index cells = reach(window.kernel[axis], window.dilation[axis]);
    if (cells <= padded + overhang) continue;
    refuse(name, "kernel " + to_string(window.kernel) + " with dilation " + to_string(window.dilation) +
                     " reaches over " + std::to_string(cells) + " cells of spatial axis " + std::to_string(axis) +
                     ", which has no more than " + std::to_string(padded) + " with its padding" +
                     (overhang > 0 ? " and " + std::to_string(overhang) + " that ceil_mode adds" : ""));
  }
}

void check_output(std::string_view name, std::span<const Index> found, std::span<const Index> wanted) {
  check_volume(name, "output", wanted);
  if (std::equal(found.begin(), found.end(), wanted.begin(), wanted.end())) return;
  refuse(name, "output is " + to_string(found) + "; these inputs and settings give " + to_string(wanted));
}

void check_pool(std::string_view name, std::span<const Index> input, const WindowNumbers& window,
                std::optional<Index> divisor_override) {
  check_window(name, window);
  const auto check_half = [&](std::string_view setting, std::span<const Index> padding) {
    for (std::size_t axis = 0; axis < padding.size(); ++axis) {
      if (padding[axis] <= window.kernel[axis] / 2) continue;
      refuse(name, std::string(setting) + " is at most half the kernel on every axis; " + to_string(padding) +
                       " is more than half of " + to_string(window.kernel));
    }
  };
  check_half("padding", window.before);
  check_half("padding after", window.after);
  Index taps = 1;
  for (const Index extent : window.kernel) {
    if (taps > max_setting / extent) {
      refuse(name,
             "kernel takes at most " + std::to_string(max_setting) + " taps in all, not " + to_string(window.kernel));
    }
    taps *= extent;
  }
  if (divisor_override && (*divisor_override < 1 || *divisor_override > max_setting)) {
    refuse(name,
           "divisor_override takes 1 to " + std::to_string(max_setting) + ", not " + std::to_string(*divisor_override));
  }
  if (input[0] < 0) refuse(name, "batch takes 0 or more, not " + std::to_string(input[0]));
  if (input[1] < 1) refuse(name, "input channels take 1 or more, not " + std::to_string(input[1]));
  check_fit(name, input.subspan(2), window);
  check_volume(name, "input", input);
}

void check_batch_norm(std::string_view name, std::span<const Index> input, const BatchNormSizes& sizes, bool training,
                      double momentum, double eps) {
  const Index channels = input[1];

  if (!(momentum >= 0 && momentum <= 1)) refuse(name, "momentum takes 0 to 1, not " + number_text(momentum));
  if (!(eps >= 0 && eps <= max_eps)) {
    refuse(name, "eps takes 0 to " + number_text(max_eps) + ", not " + number_text(eps));
  }
  if (input[0] < 0) refuse(name, "batch takes 0 or more, not " + std::to_string(input[0]));
  if (channels < 1) refuse(name, "input channels take 1 or more, not " + std::to_string(channels));
  check_range(name, "input size", input.subspan(2), 1);
  check_volume(name, "input", input);
  const auto check_size = [&](std::string_view values, std::optional<Index> size) {
    if (!size || *size == channels) return;
    refuse(name, std::string(values) + " has " + std::to_string(*size) + " values; input has " +
                     std::to_string(channels) + " channels");
  };
  check_size("weight", sizes.weight);
  check_size("bias", sizes.bias);
  check_size("running_mean", sizes.running_mean);
  check_size("running_var", sizes.running_var);
  if (!training && !(sizes.running_mean && sizes.running_var)) {
    refuse(name, "evaluation normalizes by running_mean and running_var; give both");
  }
  Index count = input[0];
  for (const Index extent : input.subspan(2)) count *= extent;
  if (training && input[0] > 0 && count < 2) {
    refuse(name,
           "training takes 2 or more values per channel; input " + to_string(input) + " has " + std::to_string(count));
  }
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
  if (weight[1] != channels / groups) {
    Index wanted = 0;
    const bool wraps = __builtin_mul_overflow(weight[1], groups, &wanted);
    refuse(name, "input has " + std::to_string(channels) + " channels; weight wants " + std::to_string(weight[1]) +
                     " x " + std::to_string(groups) + " groups" + (wraps ? "" : " = " + std::to_string(wanted)));
  }
  if (bias && *bias != out_channels) {
    refuse(name, "bias has " + std::to_string(*bias) + " values; weight has " + std::to_string(out_channels) +
                     " output channels");
  }
  check_fit(name, input.subspan(2), window);
  check_volume(name, "input", input);
  check_volume(name, "weight", weight);
}

}  // namespace refloop
