#include "refloop/conv.h"

#include "kernels/arguments.h"
#include "kernels/conv_loops.h"
#include "kernels/instances.h"

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

template <class T, std::size_t Rank>
void conv(const std::type_identity_t<TensorView<const T, Rank>>& input,
          const std::type_identity_t<TensorView<const T, Rank>>& weight,
          const std::type_identity_t<std::optional<TensorView<const T, 1>>>& bias,
          const ConvSettings<Rank - 2>& settings, const TensorView<T, Rank>& output) {
  const auto* const name = conv_name<Rank - 2>;
  const auto window = settings.window(weight.spatial());
  const auto bias_size = bias ? std::optional(bias->extents[0]) : std::nullopt;
  check_conv(name, input.extents, weight.extents, bias_size, numbers(window), settings.groups);
  const auto spatial = window.output_extents(input.spatial());
  check_output(name, output.extents, with_spatial(input.extents[0], weight.extents[0], spatial));

  conv_loops<InOrder<T>>(input, weight, bias, window, settings.groups, output);
}

template Extents<1> conv_output_extents(const Extents<1>&, const Extents<1>&, const ConvSettings<1>&);
template Extents<2> conv_output_extents(const Extents<2>&, const Extents<2>&, const ConvSettings<2>&);
template Extents<3> conv_output_extents(const Extents<3>&, const Extents<3>&, const ConvSettings<3>&);

#define REFLOOP_CONV_OF_RANK(T, RANK)                                                             \
  template void conv<T, RANK>(const std::type_identity_t<TensorView<const T, RANK>>&,             \
                              const std::type_identity_t<TensorView<const T, RANK>>&,             \
                              const std::type_identity_t<std::optional<TensorView<const T, 1>>>&, \
                              const ConvSettings<(RANK)-2>&, const TensorView<T, RANK>&);
#define REFLOOP_CONV(T) REFLOOP_CONV_OF_RANK(T, 3) REFLOOP_CONV_OF_RANK(T, 4) REFLOOP_CONV_OF_RANK(T, 5)
REFLOOP_FOR_EACH_TYPE(REFLOOP_CONV)

}  // namespace refloop
