#include "refloop/conv.h"

#include "kernels/checks.h"
#include "kernels/conv_loops.h"

namespace refloop {
namespace {

template <std::size_t Dims>
WindowNumbers numbers(const Window<Dims>& window) {
  return {window.kernel, window.stride, window.padding_before, window.padding_after, window.dilation};
}

template <std::size_t Dims>
constexpr const char* conv_name = Dims == 1   ? "conv1d"
                                  : Dims == 2 ? "conv2d"
                                              : "conv3d";

}  // namespace

template <std::size_t Dims>
Extents<Dims> conv_output_extents(const Extents<Dims>& input, const Extents<Dims>& kernel,
                                  const ConvSettings<Dims>& settings) {
  const auto window = settings.window(kernel);
  check_window(conv_name<Dims>, numbers(window));
  check_fit(conv_name<Dims>, input, numbers(window));
  return window.output_extents(input);
}

template <class T, std::size_t Dims>
void conv(const std::type_identity_t<TensorView<const T, Dims + 2>>& input,
          const std::type_identity_t<TensorView<const T, Dims + 2>>& weight,
          const std::type_identity_t<std::optional<TensorView<const T, 1>>>& bias, const ConvSettings<Dims>& settings,
          const TensorView<T, Dims + 2>& output) {
  const auto window = settings.window(weight.spatial());
  const auto bias_size = bias ? std::optional(bias->extents[0]) : std::nullopt;
  check_conv(conv_name<Dims>, input.extents, weight.extents, bias_size, numbers(window), settings.groups);
  Extents<Dims + 2> wanted{input.extents[0], weight.extents[0]};
  const auto spatial = window.output_extents(input.spatial());
  for (std::size_t axis = 0; axis < Dims; ++axis) wanted[axis + 2] = spatial[axis];
  check_output(conv_name<Dims>, output.extents, wanted);

  conv_loops<T, Dims>(input, weight, bias, window, settings.groups, output);
}

template Extents<1> conv_output_extents<1>(const Extents<1>&, const Extents<1>&, const ConvSettings<1>&);
template Extents<2> conv_output_extents<2>(const Extents<2>&, const Extents<2>&, const ConvSettings<2>&);
template Extents<3> conv_output_extents<3>(const Extents<3>&, const Extents<3>&, const ConvSettings<3>&);

#define REFLOOP_CONV_HERE(T, DIMS)                                                                \
  REFLOOP_CONV(, conv_loops, T, DIMS)                                                             \
  REFLOOP_CONV(, conv_channels_last, T, DIMS)                                                     \
  template void conv<T, DIMS>(const std::type_identity_t<TensorView<const T, DIMS + 2>>&,         \
                              const std::type_identity_t<TensorView<const T, DIMS + 2>>&,         \
                              const std::type_identity_t<std::optional<TensorView<const T, 1>>>&, \
                              const ConvSettings<DIMS>&, const TensorView<T, DIMS + 2>&);
#define REFLOOP_CONV_HERE_TYPE(T) REFLOOP_FOR_EACH_DIMS(REFLOOP_CONV_HERE, T)
REFLOOP_FOR_EACH_TYPE(REFLOOP_CONV_HERE_TYPE)

}  // namespace refloop
