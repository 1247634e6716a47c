#include "refloop/pool.h"

#include <string>
#include <string_view>

#include "kernels/arguments.h"
#include "kernels/instances.h"
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

template <std::size_t Rank>
Window<Rank - 2> checked_window(const std::string& name, const Extents<Rank>& input,
                                const PoolSettings<Rank - 2>& settings, const Extents<Rank>& output) {
  const auto window = settings.window();
  check_pool(name, input, numbers(window), settings.divisor_override);
  check_output(name, output, pooled_extents(input, settings));
  return window;
}

template <class Extreme, class T, std::size_t Rank>
void extreme_pool(const std::string& name, const TensorView<const T, Rank>& input,
                  const PoolSettings<Rank - 2>& settings, const TensorView<T, Rank>& output,
                  const std::optional<TensorView<Index, Rank>>& indices) {
  const auto window = checked_window(name, input.extents, settings, output.extents);
  if (indices) check_output(name + " indices", indices->extents, output.extents);

  extreme_pool_loops<Extreme>(input, window, output, indices);
}

}  // namespace

template <std::size_t Dims>
Extents<Dims> pool_output_extents(const Extents<Dims>& input, const PoolSettings<Dims>& settings,
                                  std::string_view pool) {
  const auto window = settings.window();
  check_pool(with_dims<Dims>(pool), with_spatial(1, 1, input), numbers(window), settings.divisor_override);
  return window.output_extents(input);
}

template <std::size_t Rank>
Extents<Rank> pooled_extents(const Extents<Rank>& input, const PoolSettings<Rank - 2>& settings,
                             std::string_view pool) {
  const auto window = settings.window();
  check_pool(with_dims<Rank - 2>(pool), input, numbers(window), settings.divisor_override);
  Extents<Rank - 2> spatial{};
  for (std::size_t axis = 2; axis < Rank; ++axis) spatial[axis - 2] = input[axis];
  return with_spatial(input[0], input[1], window.output_extents(spatial));
}

template <class T, std::size_t Rank>
void max_pool(const std::type_identity_t<TensorView<const T, Rank>>& input, const PoolSettings<Rank - 2>& settings,
              const TensorView<T, Rank>& output,
              const std::type_identity_t<std::optional<TensorView<Index, Rank>>>& indices) {
  extreme_pool<Larger>(with_dims<Rank - 2>("max_pool"), input, settings, output, indices);
}

template <class T, std::size_t Rank>
void min_pool(const std::type_identity_t<TensorView<const T, Rank>>& input, const PoolSettings<Rank - 2>& settings,
              const TensorView<T, Rank>& output,
              const std::type_identity_t<std::optional<TensorView<Index, Rank>>>& indices) {
  extreme_pool<Smaller>(with_dims<Rank - 2>("min_pool"), input, settings, output, indices);
}

template <class T, std::size_t Rank>
void avg_pool(const std::type_identity_t<TensorView<const T, Rank>>& input, const PoolSettings<Rank - 2>& settings,
              const TensorView<T, Rank>& output) {
  const auto window = checked_window(with_dims<Rank - 2>("avg_pool"), input.extents, settings, output.extents);

  avg_pool_loops<AverageSum<T>, WithoutMinusZero<Quotient>>(
      input, window, {.count_include_pad = settings.count_include_pad, .override = settings.divisor_override}, output);
}

template Extents<1> pool_output_extents(const Extents<1>&, const PoolSettings<1>&, std::string_view);
template Extents<2> pool_output_extents(const Extents<2>&, const PoolSettings<2>&, std::string_view);
template Extents<3> pool_output_extents(const Extents<3>&, const PoolSettings<3>&, std::string_view);

template Extents<3> pooled_extents(const Extents<3>&, const PoolSettings<1>&, std::string_view);
template Extents<4> pooled_extents(const Extents<4>&, const PoolSettings<2>&, std::string_view);
template Extents<5> pooled_extents(const Extents<5>&, const PoolSettings<3>&, std::string_view);

#define REFLOOP_POOL_OF_RANK(T, RANK)                                                                   \
  template void max_pool<T, RANK>(const std::type_identity_t<TensorView<const T, RANK>>&,               \
                                  const PoolSettings<(RANK)-2>&, const TensorView<T, RANK>&,            \
                                  const std::type_identity_t<std::optional<TensorView<Index, RANK>>>&); \
  template void min_pool<T, RANK>(const std::type_identity_t<TensorView<const T, RANK>>&,               \
                                  const PoolSettings<(RANK)-2>&, const TensorView<T, RANK>&,            \
                                  const std::type_identity_t<std::optional<TensorView<Index, RANK>>>&); \
  template void avg_pool<T, RANK>(const std::type_identity_t<TensorView<const T, RANK>>&,               \
                                  const PoolSettings<(RANK)-2>&, const TensorView<T, RANK>&);
#define REFLOOP_POOL(T) REFLOOP_POOL_OF_RANK(T, 3) REFLOOP_POOL_OF_RANK(T, 4) REFLOOP_POOL_OF_RANK(T, 5)
REFLOOP_FOR_EACH_TYPE(REFLOOP_POOL)

}  // namespace refloop
