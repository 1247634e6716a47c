#include "families/fold.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <vector>

#include "check/tensors.h"
#include "check/ways.h"
#include "families/case_tools.h"
#include "families/fold_sums.h"
#include "kernels/conv_loops.h"
#include "kernels/pool_loops.h"

namespace refloop {
namespace {

using fold::OutputSums, fold::Plane, fold::Whole;

/// How many draws let a wrong output pass with a probability of 2^-40 at most.
template <class T>
constexpr int draws = (40 + 63 - std::numeric_limits<T>::digits) / (64 - std::numeric_limits<T>::digits);
static_assert(draws<float> == 1 && draws<double> == 4);

template <class T>
Whole whole(T value) {
  return static_cast<Whole>(static_cast<Index>(value));
}

/// From a position on, so many entries of the first two axes.
template <class T, std::size_t Rank>
TensorView<T, Rank> part(TensorView<T, Rank> view, const Extents<Rank>& at, Index first, Index second) {
  view.data = &view(at);
  view.extents[0] = first;
  view.extents[1] = second;
  return view;
}

/// The same of outputs, at one spatial position.
template <class T, std::size_t Dims>
TensorView<T, Dims + 2> outputs_at(const TensorView<T, Dims + 2>& view, Index n, Index channel, Index images,
                                   Index channels, const Extents<Dims>& out) {
  auto outputs = part(view, with_spatial(n, channel, out), images, channels);
  std::fill(outputs.extents.begin() + 2, outputs.extents.end(), 1);
  return outputs;
}

/// The window whose first output is that one.
template <std::size_t Dims>
Window<Dims> window_at(Window<Dims> window, const Extents<Dims>& out) {
  for (std::size_t axis = 0; axis < Dims; ++axis) window.padding_before[axis] -= out[axis] * window.stride[axis];
  return window;
}

template <class T, std::size_t Rank>
Extents<Rank - 2> spatial_strides(const TensorView<T, Rank>& view) {
  Extents<Rank - 2> strides{};
  std::copy(view.strides.begin() + 2, view.strides.end(), strides.begin());
  return strides;
}

template <class T, std::size_t Rank>
struct Conv {
  TensorView<const T, Rank> x, w;
  std::optional<TensorView<const T, 1>> bias;
  Window<Rank - 2> window;
  Index groups;
  TensorView<T, Rank> due;  // at first what a kernel gave

  Index channels() const { return w.extents[1]; }  // of a group, like filters
  Index filters() const { return w.extents[0] / groups; }
  Index first_channel(Index filter) const { return filter / filters() * channels(); }
};

/// Outputs that share their sums, position by position.
struct Shared {
  Index image, images, filter, filters;
};

template <class T, std::size_t Rank>
Index compute(const Conv<T, Rank>& conv, const Shared& shared, const Extents<Rank - 2>& out) {
  const auto& [image, images, filter, filters] = shared;
  auto bias = conv.bias;
  if (bias) bias->data = &(*bias)(filter);
  conv_loops<InOrder<T>>(part(conv.x, {image, conv.first_channel(filter)}, images, conv.channels()),
                         part(conv.w, {filter}, filters, conv.channels()), bias, window_at(conv.window, out), 1,
                         outputs_at(conv.due, image, filter, images, filters, out));
  return images * filters;
}

/// Whether all images of a filter share their sums, or else all filters of a group those of an image: whichever takes
/// fewer steps.
template <class T, std::size_t Rank>
bool folds_images(const Conv<T, Rank>& conv) {
  const Index read = volume(conv.x.spatial()), summed = volume(conv.due.spatial()) * volume(conv.window.kernel);
  const Index images = conv.x.extents[0];
  return conv.filters() * (images * read + summed) < images * (read + summed);
}

/// One filter in place of those that share sums: each times its factor, added.
struct Filter {
  std::vector<Whole> weights;
  Whole bias = 0;
};
template <class T, std::size_t Rank, class Factor>
Filter combined(const Conv<T, Rank>& conv, Index filter, Index filters, Factor&& factor) {
  const Index weights = conv.channels() * volume(conv.window.kernel);
  Filter sum{std::vector<Whole>(static_cast<std::size_t>(weights))};
  for (Index o = filter; o < filter + filters; ++o) {
    fold::add_times(factor(o), &conv.w({o}), 1, sum.weights.data(), 1, weights);  // they are dense
    if (conv.bias) sum.bias += factor(o) * whole((*conv.bias)(o));
  }
  return sum;
}

/// The convolution of the images that share sums, each times its factor, by that filter.
template <class T, std::size_t Rank, class Factor>
std::vector<Whole> convolved(const Conv<T, Rank>& conv, Plane<Rank - 2>& plane, const Shared& shared,
                             const Filter& filter, Factor&& factor) {
  const Index taps = volume(conv.window.kernel), first_channel = conv.first_channel(shared.filter);
  std::vector<Whole> sums = plane.no_sums();
  for (Index ic = 0; ic < conv.channels(); ++ic) {
    plane.clear();
    for (Index n = shared.image; n < shared.image + shared.images; ++n) {
      plane.add(factor(n), &conv.x({n, first_channel + ic}), spatial_strides(conv.x));
    }
    plane.add_windows_to(sums, &filter.weights[static_cast<std::size_t>(ic * taps)]);
  }
  return sums;
}

/// Computes what does not fit the sums of that draw, and gives its number.
template <class T, std::size_t Rank>
Index mend(const Conv<T, Rank>& conv, Plane<Rank - 2>& plane, const Draw& random, int draw) {
  const bool over_images = folds_images(conv);
  const auto of_image = [&](Index n) -> Whole { return over_images ? random(n, draw) : 1; };
  const auto of_filter = [&](Index o) -> Whole { return over_images ? 1 : random(o, draw); };
  const Index images = over_images ? conv.x.extents[0] : 1, filters = over_images ? 1 : conv.filters();
  OutputSums<T> got(std::vector<T>(static_cast<std::size_t>(volume(conv.due.spatial())), T{1}));

  Index computed = 0;
  for (Index filter = 0; filter < conv.w.extents[0]; filter += filters) {
    const Filter sum_of_filters = combined(conv, filter, filters, of_filter);
    for (Index image = 0; image < conv.x.extents[0]; image += images) {
      const Shared shared{image, images, filter, filters};
      const std::vector<Whole> sums = convolved(conv, plane, shared, sum_of_filters, of_image);
      Whole bias = 0;
      got.clear();
      for (Index n = image; n < image + images; ++n) {
        bias += of_image(n) * sum_of_filters.bias;
        for (Index o = filter; o < filter + filters; ++o) got.add(of_image(n) * of_filter(o), &conv.due({n, o}));
      }

      std::size_t number = 0;
      for (const auto& out : positions(conv.due.spatial())) {
        if (!got.is(number++, sums[plane.place(out)] + bias)) computed += compute(conv, shared, out);
      }
    }
  }
  return computed;
}

/// Hands the divisor on in place of the quotient.
struct DivisorAlone {
  template <class T>
  static T of(T, Index divisor) {
    return static_cast<T>(divisor);
  }
};

/// What divides each average of a plane: 1 where nothing counts, for the sum is 0 there.
template <class T, std::size_t Dims>
std::vector<T> divisors_of(const Window<Dims>& window, const Divisor& divides, const Extents<Dims>& input,
                           const Extents<Dims>& output) {
  const Tensor<T, Dims + 2> any(with_spatial(1, 1, input));
  Tensor<T, Dims + 2> divisors(with_spatial(1, 1, output));
  avg_pool_loops<AverageSum<T>, DivisorAlone>(any.view(), window, divides, divisors.view());
  std::replace(divisors.elements().begin(), divisors.elements().end(), T{0}, T{1});
  return divisors.elements();
}

/// Computes the averages that do not fit the sums of that draw, and gives their number: all of a position share one.
template <class T, std::size_t Rank>
Index mend(const TensorView<const T, Rank>& x, const Window<Rank - 2>& window, OutputSums<T>& got,
           Plane<Rank - 2>& plane, const Draw& random, int draw, const TensorView<T, Rank>& due) {
  const Index images = x.extents[0], channels = x.extents[1];
  plane.clear();
  got.clear();
  for (Index n = 0; n < images; ++n) {
    for (Index channel = 0; channel < channels; ++channel) {
      const Whole factor = random(n * channels + channel, draw);
      plane.add(factor, &x({n, channel}), spatial_strides(x));
      got.add(factor, &due({n, channel}));
    }
  }
  std::vector<Whole> sums = plane.no_sums();
  plane.add_windows_to(sums, std::vector<Whole>(static_cast<std::size_t>(volume(window.kernel)), 1).data());

  Index computed = 0;
  std::size_t number = 0;
  for (const auto& out : positions(due.spatial())) {
    const std::size_t at = number++;
    if (got.is(at, sums[plane.place(out)])) continue;
    const Divisor divisor{.override = static_cast<Index>(got.divisor(at))};
    avg_pool_loops<AverageSum<T>, WithoutMinusZero<Quotient>>(x, window_at(window, out), divisor,
                                                              outputs_at(due, 0, 0, images, channels, out));
    computed += images * channels;
  }
  return computed;
}

/// Calls `mend_draw.operator()<T>(window, plane, random, draw, due)` for each draw.
template <class Mend>
Folded mended(const Case& c, Tensors in, const AnyTensor& output, std::uint64_t seed, Mend&& mend_draw) {
  Folded folded{.due = dense_copy(output)};
  if (folded.due.size() == 0) return folded;
  const Draw random(seed, "fold");
  dispatch(Types<double, float>{}, c.dtype, [&]<class T>() {
    dispatch_rank(c.dims, [&]<std::size_t Rank>() {
      const auto window = window_of<Rank - 2>(c);
      const auto due = folded.due.view<T, Rank>();
      Plane<Rank - 2> plane(window, first_axes<Rank - 2>(c.input), due.spatial());
      if (!plane.fits()) {
        folded = {outputs_of(*contract(c), c, in)[0], volume(due.extents)};
        return;
      }
      for (int draw = 0; draw < draws<T>; ++draw) folded.computed += mend_draw(window, plane, random, draw, due);
    });
  });
  return folded;
}

}  // namespace

Folded folded_conv(const Case& c, Tensors in, const AnyTensor& output, std::uint64_t draw) {
  const AnyTensor weight = is_dense(in[1]) ? in[1] : dense_copy(in[1]);
  return mended(c, in, output, draw,
                [&]<class T, std::size_t Rank>(const auto& window, auto& plane, const Draw& random, int number,
                                               const TensorView<T, Rank>& due) {
                  Conv<T, Rank> conv{.x = in[0].view<T, Rank>(),
                                     .w = weight.view<T, Rank>(),
                                     .bias = {},
                                     .window = window,
                                     .groups = c.groups,
                                     .due = due};
                  if (const AnyTensor* given = find(in, "bias")) conv.bias = given->view<T, 1>();
                  return mend(conv, plane, random, number);
                });
}

Folded folded_avg_pool(const Case& c, Tensors in, const AnyTensor& output, std::uint64_t draw) {
  const Divisor divides{.count_include_pad = !c.exclude_pad, .override = c.divisor};
  return mended(c, in, output, draw,
                [&]<class T, std::size_t Rank>(const auto& window, auto& plane, const Draw& random, int number,
                                               const TensorView<T, Rank>& due) {
                  const auto x = in[0].view<T, Rank>();
                  OutputSums<T> got(divisors_of<T>(window, divides, x.spatial(), due.spatial()));
                  return mend(x, window, got, plane, random, number, due);
                });
}

}  // namespace refloop
