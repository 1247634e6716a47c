#include "families/fitting.h"

#include <algorithm>
#include <set>
#include <string>

#include "check/field.h"
#include "families/case_tools.h"

namespace refloop {
namespace {

/// A window on one axis.
struct OnAxis {
  Index kernel, stride, before, after, dilation;

  friend bool operator==(const OnAxis&, const OnAxis&) = default;
};

void put(Case& c, std::size_t axis, const OnAxis& window) {
  c.kernel[axis] = window.kernel;
  c.stride[axis] = window.stride;
  c.before[axis] = window.before;
  c.after[axis] = window.after;
  c.dilation[axis] = window.dilation;
}

/// How much has to be said of it: plain windows are simple, and few numbers are.
Index weight_of(const OnAxis& window, const OpenSettings& open) {
  const bool keeps_size = 2 * window.before == window.dilation * (window.kernel - 1);
  const Index kernel = open.kernel ? std::abs(2 * window.kernel - 5) : 0;  // 2 and 3 are the usual ones
  return kernel + window.stride + (keeps_size ? 1 : 2) * window.before + 3 * (window.dilation - 1) +
         4 * (window.after - window.before);
}

/// All windows that the open settings allow on an axis, the simplest first.
std::vector<OnAxis> windows_on(const Case& c, const OpenSettings& open, std::size_t axis) {
  const auto range = [](bool is_open, Index said, Index least, Index most) {
    return is_open ? std::pair(least, most) : std::pair(said, said);
  };
  const auto [least_kernel, most_kernel] = range(open.kernel, c.kernel[axis], 1, 7);
  const auto [least_stride, most_stride] = range(open.stride, c.stride[axis], 1, open.kernel ? 7 : 4);
  const auto [least_before, most_before] = range(open.padding, c.before[axis], 0, 4);
  const auto [least_dilation, most_dilation] = range(open.dilation, c.dilation[axis], 1, 4);
  std::vector<OnAxis> windows;
  for (Index kernel = least_kernel; kernel <= most_kernel; ++kernel)
    for (Index stride = least_stride; stride <= most_stride; ++stride)
      for (Index before = least_before; before <= most_before; ++before)
        for (Index dilation = least_dilation; dilation <= most_dilation; ++dilation) {
          if (!open.padding_after) {
            windows.push_back({kernel, stride, before, c.after[axis], dilation});
            continue;
          }
          for (const Index more : {0, 1}) windows.push_back({kernel, stride, before, before + more, dilation});
        }
  std::stable_sort(windows.begin(), windows.end(), [&](const OnAxis& one, const OnAxis& other) {
    return weight_of(one, open) < weight_of(other, open);
  });
  return windows;
}

/// Those of the windows that give the size; the others axes stay as they are.
std::vector<OnAxis> fitting(const Case& c, const std::vector<OnAxis>& windows, std::size_t axis, Index size) {
  std::vector<OnAxis> fit;
  for (const OnAxis& window : windows) {
    Case tried = c;
    put(tried, axis, window);
    const Index padded = c.input[axis] + window.before + window.after + (c.ceil ? window.stride - 1 : 0);
    if (reach(window.kernel, window.dilation) <= padded && output_sizes(tried)[axis] == size) fit.push_back(window);
  }
  return fit;
}

/// One window for all axes; where none does, the simplest few of each.
std::vector<Case> combined(const Case& c, const std::vector<std::vector<OnAxis>>& fit) {
  std::vector<Case> cases;
  for (const OnAxis& window : fit[0]) {
    const bool is_everywhere = std::all_of(fit.begin(), fit.end(), [&](const std::vector<OnAxis>& on_axis) {
      return std::find(on_axis.begin(), on_axis.end(), window) != on_axis.end();
    });
    if (!is_everywhere) continue;
    cases.push_back(c);
    for (std::size_t axis = 0; axis < fit.size(); ++axis) put(cases.back(), axis, window);
  }
  if (!cases.empty()) return cases;
  constexpr std::size_t most_each = 3;
  cases.push_back(c);
  for (std::size_t axis = 0; axis < fit.size(); ++axis) {
    std::vector<Case> longer;
    for (const Case& begun : cases) {
      for (std::size_t at = 0; at < std::min(fit[axis].size(), most_each); ++at) {
        longer.push_back(begun);
        put(longer.back(), axis, fit[axis][at]);
      }
    }
    cases = std::move(longer);
  }
  return cases;
}

}  // namespace

std::vector<Case> cases_that_give(const Case& c, const OpenSettings& open, std::span<const Index> sizes) {
  std::vector<Case> found;
  for (const bool ceil : {c.ceil, true}) {
    if (ceil != c.ceil && !open.ceil_mode) break;
    Case rounded = c;
    rounded.ceil = ceil;
    std::vector<std::vector<OnAxis>> fit;
    for (std::size_t axis = 0; axis < sizes.size(); ++axis) {
      fit.push_back(fitting(rounded, windows_on(rounded, open, axis), axis, sizes[axis]));
    }
    for (const Case& candidate : combined(rounded, fit)) {
      if (is_legal(candidate) && std::find(found.begin(), found.end(), candidate) == found.end())
        found.push_back(candidate);
    }
    if (!found.empty()) break;  // what ceil_mode is needed for comes without it
  }
  return found;
}

}  // namespace refloop
