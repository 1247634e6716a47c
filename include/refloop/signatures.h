// From the signature of somebody's kernel to the cases that it can be given: what stands behind refloop/callable.h, and
// is called by nobody else.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>
#include <tuple>
#include <type_traits>

#include "refloop/batch_norm.h"
#include "refloop/case.h"
#include "refloop/conv.h"
#include "refloop/pool.h"

namespace refloop::callable {

/// The types of a kernel's parameters, as they are without const and references.
template <class F>
struct Parameters : Parameters<decltype(&F::operator())> {};
template <class R, class... A>
struct Parameters<R (*)(A...)> {
  static_assert(std::is_void_v<R>,
                "a kernel returns nothing; it throws refloop::Unsupported where it takes no such case");
  using Types = std::tuple<std::remove_cvref_t<A>...>;
};
template <class R, class... A>
struct Parameters<R (*)(A...) noexcept> : Parameters<R (*)(A...)> {};
template <class R, class C, class... A>
struct Parameters<R (C::*)(A...)> : Parameters<R (*)(A...)> {};
template <class R, class C, class... A>
struct Parameters<R (C::*)(A...) const> : Parameters<R (*)(A...)> {};
template <class R, class C, class... A>
struct Parameters<R (C::*)(A...) noexcept> : Parameters<R (*)(A...)> {};
template <class R, class C, class... A>
struct Parameters<R (C::*)(A...) const noexcept> : Parameters<R (*)(A...)> {};

template <class View>
struct ElementOf {
  using Type = void;  // no view, as the assertions below will say
};
template <class T, std::size_t Rank>
struct ElementOf<TensorView<T, Rank>> {
  using Type = std::remove_const_t<T>;
};

template <class Types, std::size_t At, class... Wanted>
constexpr bool parameter_is = [] {
  if constexpr (At < std::tuple_size_v<Types>) {
    return (std::is_same_v<std::tuple_element_t<At, Types>, Wanted> || ...);
  } else {
    return false;
  }
}();

/// The element type of a kernel's input.
template <class F>
using InputElement = typename ElementOf<std::tuple_element_t<0, typename Parameters<F>::Types>>::Type;

/// The tensor as the kernel sees it; N x C has a spatial axis of 1 where the kernel has one.
template <class T, std::size_t Rank, class Any>
auto view_of(Any& tensor) {
  if (tensor.shape.size() == Rank) return tensor.template view<T, Rank>();
  AnyTensor with_an_axis = tensor;
  with_an_axis.shape.push_back(1);
  with_an_axis.strides.push_back(1);
  using View = decltype(tensor.template view<T, Rank>());
  return View(with_an_axis.view<T, Rank>());
}

template <class T>
std::optional<TensorView<const T, 1>> maybe_view(Tensors tensors, std::string_view name) {
  const AnyTensor* const found = find(tensors, name);
  if (found == nullptr) return std::nullopt;
  return found->view<const T, 1>();
}
/// A tensor that the kernel writes: of running statistics also where they are inputs, and stay as they are.
template <class T>
std::optional<TensorView<T, 1>> running_view(Tensors tensors, std::string_view name) {
  const AnyTensor* const found = find(tensors, name);
  if (found == nullptr) return std::nullopt;
  AnyTensor same = *found;
  return same.view<T, 1>();
}

template <std::size_t Dims>
Extents<Dims> on_axes(const Axes& axes) {
  Extents<Dims> used{};
  for (std::size_t axis = 0; axis < Dims; ++axis) used[axis] = axes[axis];
  return used;
}

template <std::size_t Dims>
struct Conv {
  static constexpr std::size_t rank = Dims + 2;

  template <class F>
  static constexpr bool check_signature() {
    using Types = typename Parameters<F>::Types;
    static_assert(std::tuple_size_v<Types> == 5,
                  "a convolution is called with input, weight, bias, settings and output");
    static_assert(parameter_is<Types, 0, TensorView<const InputElement<F>, rank>>,
                  "the input of a convolution of Dims spatial axes is a TensorView<const T, Dims + 2>");
    using T = InputElement<F>;
    static_assert(parameter_is<Types, 1, TensorView<const T, rank>>,
                  "the weight has the input's element type and number of axes: TensorView<const T, Dims + 2>");
    static_assert(parameter_is<Types, 2, const T*, std::optional<TensorView<const T, 1>>>,
                  "the bias is a const T*, null where there is none, or a std::optional<TensorView<const T, 1>>");
    static_assert(parameter_is<Types, 3, ConvSettings<Dims>>, "the settings are a const ConvSettings<Dims>&");
    static_assert(parameter_is<Types, 4, TensorView<T, rank>>,
                  "the output is a TensorView<T, Dims + 2> of the input's element type, and not const");
    return true;
  }

  template <class F>
  static void call(const F& kernel, const Case& c, Tensors in, Outputs out) {
    using Types = typename Parameters<F>::Types;
    using T = InputElement<F>;
    const ConvSettings<Dims> settings{.stride = on_axes<Dims>(c.stride),
                                      .padding = on_axes<Dims>(c.before),
                                      .padding_after = on_axes<Dims>(c.after),
                                      .dilation = on_axes<Dims>(c.dilation),
                                      .groups = c.groups};
    const auto given = maybe_view<T>(in, "bias");
    const auto bias = [&] {
      if constexpr (parameter_is<Types, 2, const T*>) {
        return given ? given->data : nullptr;
      } else {
        return given;
      }
    }();
    kernel(in[0].view<T, rank>(), in[1].view<T, rank>(), bias, settings, out[0].view<T, rank>());
  }
};

/// `extreme`: it may have indices.
template <std::size_t Dims, bool extreme>
struct Pool {
  static constexpr std::size_t rank = Dims + 2;
  template <class F>
  static constexpr bool has_indices = std::tuple_size_v<typename Parameters<F>::Types> == 4;

  template <class F>
  static constexpr bool check_signature() {
    using Types = typename Parameters<F>::Types;
    static_assert(std::tuple_size_v<Types> == 3 || (extreme && std::tuple_size_v<Types> == 4),
                  "a pool is called with input, settings and output, and a max or min pool with indices if it likes");
    static_assert(parameter_is<Types, 0, TensorView<const InputElement<F>, rank>>,
                  "the input of a pool of Dims spatial axes is a TensorView<const T, Dims + 2>");
    using T = InputElement<F>;
    static_assert(parameter_is<Types, 1, PoolSettings<Dims>>, "the settings are a const PoolSettings<Dims>&");
    static_assert(parameter_is<Types, 2, TensorView<T, rank>>,
                  "the output is a TensorView<T, Dims + 2> of the input's element type, and not const");
    static_assert(!has_indices<F> || parameter_is<Types, 3, std::optional<TensorView<Index, rank>>>,
                  "the indices are a std::optional<TensorView<Index, Dims + 2>>");
    return true;
  }

  template <class F>
  static void call(const F& kernel, const Case& c, Tensors in, Outputs out) {
    using T = InputElement<F>;
    const PoolSettings<Dims> settings{.kernel = on_axes<Dims>(c.kernel),
                                      .stride = on_axes<Dims>(c.stride),
                                      .padding = on_axes<Dims>(c.before),
                                      .padding_after = on_axes<Dims>(c.after),
                                      .dilation = on_axes<Dims>(c.dilation),
                                      .ceil_mode = c.ceil,
                                      .count_include_pad = !c.exclude_pad,
                                      .divisor_override = c.divisor};
    if constexpr (has_indices<F>) {
      std::optional<TensorView<Index, rank>> indices;
      if (AnyTensor* const asked = find(out, "indices")) indices = asked->view<Index, rank>();
      kernel(in[0].view<T, rank>(), settings, out[0].view<T, rank>(), indices);
    } else {
      kernel(in[0].view<T, rank>(), settings, out[0].view<T, rank>());
    }
  }
};

template <std::size_t Dims>
struct BatchNorm {
  /// A kernel of N x C alone has two axes.
  template <class F>
  static constexpr std::size_t rank_of =
      Dims == 1 && parameter_is<typename Parameters<F>::Types, 0, TensorView<const InputElement<F>, 2>> ? 2 : Dims + 2;

  template <class F>
  static constexpr bool check_signature() {
    using Types = typename Parameters<F>::Types;
    constexpr std::size_t rank = rank_of<F>;
    static_assert(std::tuple_size_v<Types> == 4, "a batch norm is called with input, channels, settings and output");
    static_assert(parameter_is<Types, 0, TensorView<const InputElement<F>, rank>>,
                  "the input of a batch norm of Dims spatial axes is a TensorView<const T, Dims + 2>");
    using T = InputElement<F>;
    static_assert(parameter_is<Types, 1, BatchNormChannels<T>>, "the channels are a const BatchNormChannels<T>&");
    static_assert(parameter_is<Types, 2, BatchNormSettings>, "the settings are a const BatchNormSettings&");
    static_assert(parameter_is<Types, 3, TensorView<T, rank>>,
                  "the output is a TensorView of the input's element type and number of axes, and not const");
    return true;
  }

  template <class F>
  static void call(const F& kernel, const Case& c, Tensors in, Outputs out) {
    using T = InputElement<F>;
    constexpr std::size_t rank = rank_of<F>;
    for (AnyTensor& kept : out.subspan(1)) {  // what is running comes as it was, and is updated
      if (const auto before = maybe_view<T>(in, kept.name)) {
        const auto view = kept.view<T, 1>();
        for (Index at = 0; at < before->extents[0]; ++at) view(at) = (*before)(at);
      }
    }
    const Tensors running = c.train ? Tensors(out) : in;
    const BatchNormChannels<T> channels{.weight = maybe_view<T>(in, "weight"),
                                        .bias = maybe_view<T>(in, "bias"),
                                        .running_mean = running_view<T>(running, "running_mean"),
                                        .running_var = running_view<T>(running, "running_var")};
    kernel(view_of<T, rank>(in[0]), channels,
           BatchNormSettings{.training = c.train, .momentum = c.momentum, .eps = c.eps}, view_of<T, rank>(out[0]));
  }
};

}  // namespace refloop::callable
