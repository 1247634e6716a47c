#include "refloop/pool.h"

#include <string>
#include <string_view>

#include "kernels/checks.h"
#include "kernels/pool_loops.h"

namespace refloop {
namespace {

template <std::size_t Dims>
std::string with_dims(std::string_view pool) {
  return std::string(pool) + std::to_string(Dims) + "d";
}

template <std::size_t Dims>
WindowNumbers numbers(const Window<Dims>& window) {
  return {window.kernel, window.stride, window.padding_before, window.padding_after, window.dilation, window.ceil_mode};
}

template <std::size_t Dims>
Window<Dims> checked_window(const std::string& name, const Extents<Dims + 2>& input, const PoolSettings<Dims>& settings,
                            const Extents<Dims + 2>& output) {
  const auto window = settings.window();
  check_pool(name, input, numbers(window), settings.divisor_override);
  check_output(name, output, pooled_extents<Dims + 2>(input, settings));
  return window;
}

template <class Order, class T, std::size_t Dims>
void extreme_pool(const std::string& name, const TensorView<const T, Dims + 2>& input,
                  const PoolSettings<Dims>& settings, const TensorView<T, Dims + 2>& output,
                  const std::optional<TensorView<Index, Dims + 2>>& indices) {
  const auto window = checked_window<Dims>(name, input.extents, settings, output.extents);
  if (indices) check_output(name + " indices", indices->extents, output.extents);

  extreme_pool_loops<Order, T, Dims>(input, window, output, indices);
}

}  // namespace

template <std::size_t Dims>
Extents<Dims> pool_output_extents(const Extents<Dims>& input, const PoolSettings<Dims>& settings,
                                  std::string_view pool) {
  const auto window = settings.window();
  Extents<Dims + 2> with_channels = filled<Dims + 2>(1);
  for (std::size_t axis = 0; axis < Dims; ++axis) with_channels[axis + 2] = input[axis];
  check_pool(with_dims<Dims>(pool), with_channels, numbers(window), settings.divisor_override);
  return window.output_extents(input);
}

template <class T, std::size_t Dims>
void max_pool(const std::type_identity_t<TensorView<const T, Dims + 2>>& input, const PoolSettings<Dims>& settings,
              const TensorView<T, Dims + 2>& output,
              const std::type_identity_t<std::optional<TensorView<Index, Dims + 2>>>& indices) {
  extreme_pool<Larger, T, Dims>(with_dims<Dims>("max_pool"), input, settings, output, indices);
}

template <class T, std::size_t Dims>
void min_pool(const std::type_identity_t<TensorView<const T, Dims + 2>>& input, const PoolSettings<Dims>& settings,
              const TensorView<T, Dims + 2>& output,
              const std::type_identity_t<std::optional<TensorView<Index, Dims + 2>>>& indices) {
  extreme_pool<Smaller, T, Dims>(with_dims<Dims>("min_pool"), input, settings, output, indices);
}

template <class T, std::size_t Dims>
void avg_pool(const std::type_identity_t<TensorView<const T, Dims + 2>>& input, const PoolSettings<Dims>& settings,
              const TensorView<T, Dims + 2>& output) {
  const auto window = checked_window<Dims>(with_dims<Dims>("avg_pool"), input.extents, settings, output.extents);

  avg_pool_loops<T, Dims>(input, window, settings.count_include_pad, settings.divisor_override, false, output);
}

template Extents<1> pool_output_extents<1>(const Extents<1>&, const PoolSettings<1>&, std::string_view);
template Extents<2> pool_output_extents<2>(const Extents<2>&, const PoolSettings<2>&, std::string_view);
template Extents<3> pool_output_extents<3>(const Extents<3>&, const PoolSettings<3>&, std::string_view);

#define REFLOOP_EXTREME_POOL_CALL(NAME, T, DIMS)                                                                     \
  template void NAME<T, DIMS>(const std::type_identity_t<TensorView<const T, DIMS + 2>>&, const PoolSettings<DIMS>&, \
                              const TensorView<T, DIMS + 2>&,                                                        \
                              const std::type_identity_t<std::optional<TensorView<Index, DIMS + 2>>>&);
#define REFLOOP_POOL_HERE(T, DIMS)                                                            \
  REFLOOP_EXTREME_POOL(, Larger, T, DIMS)                                                     \
  REFLOOP_EXTREME_POOL(, Smaller, T, DIMS)                                                    \
  REFLOOP_AVG_POOL(, T, DIMS)                                                                 \
  REFLOOP_EXTREME_POOL_CALL(max_pool, T, DIMS)                                                \
  REFLOOP_EXTREME_POOL_CALL(min_pool, T, DIMS)                                                \
  template void avg_pool<T, DIMS>(const std::type_identity_t<TensorView<const T, DIMS + 2>>&, \
                                  const PoolSettings<DIMS>&, const TensorView<T, DIMS + 2>&);
#define REFLOOP_POOL_HERE_TYPE(T) REFLOOP_FOR_EACH_DIMS(REFLOOP_POOL_HERE, T)
REFLOOP_FOR_EACH_TYPE(REFLOOP_POOL_HERE_TYPE)

}  // namespace refloop
