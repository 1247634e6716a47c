// A lesson's tensors and settings as the case that LibTorch is handed, and the tensors that several chapters use.
#pragma once

#include <optional>

#include "refloop/conv.h"
#include "teach/lesson.h"
#include "teach/torch_generator.h"

namespace refloop::teach {

inline constexpr std::uint32_t notebook_seed = 42;

/// The notebook's input: `torch.manual_seed(42)`, then `torch.randint(low=0, high=10, size=(6, 6))`.
inline Tensor<std::int64_t, 2> notebook_plane() {
  return TorchGenerator(notebook_seed).randint(0, 10, Extents<2>{6, 6});
}

/// All zero but the middle: convolution with it copies.
inline Tensor<std::int64_t, 2> centre_kernel() {
  return tensor<std::int64_t>({{0, 0, 0}, {0, 1, 0}, {0, 0, 0}});
}

/// A plane as a batch of one image with one channel.
template <class T>
Tensor<T, 4> as_image(const Tensor<T, 2>& plane) {
  return {{1, 1, plane.extents()[0], plane.extents()[1]}, plane.elements()};
}

template <class T, std::size_t Rank>
Tensor<float, Rank> to_float(const Tensor<T, Rank>& tensor) {
  Tensor<float, Rank> floats(tensor.extents());
  for (std::size_t at = 0; at < floats.elements().size(); ++at) {
    floats.elements()[at] = static_cast<float>(tensor.elements()[at]);
  }
  return floats;
}

template <std::size_t Dims>
Axes axes_of(const Extents<Dims>& extents, Index rest) {
  Axes axes{rest, rest, rest};
  for (std::size_t axis = 0; axis < Dims; ++axis) axes[axis] = extents[axis];
  return axes;
}

/// What every operator's case takes from its input.
template <class T, std::size_t Rank>
Case case_of(const Family& family, const Tensor<T, Rank>& input) {
  Case c;
  c.family = &family;
  c.dims = static_cast<int>(Rank) - 2;
  c.batch = input.extents()[0];
  c.channels = input.extents()[1];
  c.input = axes_of(input.view().spatial(), 0);
  c.dtype = dtype_of<T>;
  return c;
}

/// LibTorch's convolution of the same tensors, beside the output of ours.
template <class T, std::size_t Rank>
void compare_conv(Lesson& lesson, const Tensor<T, Rank>& input, const Tensor<T, Rank>& weight,
                  const std::type_identity_t<std::optional<Tensor<T, 1>>>& bias, const ConvSettings<Rank - 2>& settings,
                  const Tensor<T, Rank>& output, std::string_view what) {
  Case c = case_of(family::conv, input);
  c.out_channels = weight.extents()[0];
  c.kernel = axes_of(weight.view().spatial(), 0);
  c.stride = axes_of(settings.stride, 1);
  c.before = axes_of(settings.padding, 0);
  c.after = axes_of(settings.padding_after.value_or(settings.padding), 0);
  c.dilation = axes_of(settings.dilation, 1);
  c.groups = settings.groups;
  c.bias = bias.has_value();
  std::vector<AnyTensor> inputs{borrowed("input", input), borrowed("weight", weight)};
  if (bias) inputs.push_back(borrowed("bias", *bias));
  const AnyTensor outputs[] = {borrowed("output", output)};
  lesson.compare(c, inputs, outputs, what);
}

}  // namespace refloop::teach
