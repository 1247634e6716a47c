#include "check/batch_norm_mistakes.h"

#include <cmath>

#include "check/batch_norm.h"
#include "check/views.h"
#include "kernels/batch_norm_loops.h"

namespace refloop {
namespace {

using Inputs = std::vector<AnyTensor>;

void right(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  family::batch_norm.loops(c, Order::contiguous, in, out);
}

void momentum_reversed(Case& c, Inputs&) {
  c.momentum = 1 - c.momentum;
}
void eps_forgotten(Case& c, Inputs&) {
  c.eps = 0;
}
void batch_statistics_in_evaluation(Case& c, Inputs&) {
  c.train = true;
}

void affine_forgotten(Case&, Inputs& in) {
  std::erase_if(in, [](const AnyTensor& tensor) { return tensor.name == "weight" || tensor.name == "bias"; });
}

void weight_and_bias_swapped(Case& c, Inputs& in) {
  if (c.affine) std::swap(in[1].data, in[2].data);
}

void running_statistics_in_training(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  right(c, in, out);
  if (!c.train || !c.stats) return;
  Case evaluating = c;
  evaluating.train = false;
  right(evaluating, in, out.first(1));
}

/// Every image normalized by itself.
void statistics_of_each_image(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  right(c, in, out);
  if (!c.train) return;
  Case alone = c;
  alone.batch = 1;
  alone.stats = false;
  const std::size_t bytes = element_size(c.dtype);
  for (Index n = 0; n < c.batch; ++n) {
    Inputs image(in.begin(), in.end());
    image[0] = narrow(in[0], 0, n, 1, 1, bytes);
    Inputs part{narrow(out[0], 0, n, 1, 1, bytes)};
    right(alone, image, part);
  }
}

/// Training with another 1 / standard deviation: `inverse(spread, input, channel)`.
template <class Inverse>
void normalize_by(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out, Inverse&& inverse) {
  right(c, in, out);
  if (!c.train) return;
  dispatch_batch_norm(c, [&]<class T, std::size_t Rank>() {
    const auto input = in[0].view<const T, Rank>();
    const auto output = out[0].view<T, Rank>();
    const auto channels = channels_of<T>(c, in, out);
    for (Index channel = 0; channel < c.channels; ++channel) {
      const auto spread = channel_spread<double>(input, channel);
      const T scale =
          static_cast<T>(inverse(spread, input, channel)) * (channels.weight ? (*channels.weight)(channel) : T{1});
      const T shift = (channels.bias ? (*channels.bias)(channel) : T{0}) - spread.mean * scale;
      for (Index n = 0; n < c.batch; ++n) {
        for (const auto& at : positions(output.spatial()))
          output(n, channel, at) = input(n, channel, at) * scale + shift;
      }
    }
  });
}

void unbiased_variance_normalizes(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  normalize_by(c, in, out, [&](const auto& spread, const auto&, Index) {
    return 1 / std::sqrt(static_cast<double>(spread.kept_variance()) + c.eps);
  });
}

void eps_outside_the_root(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  normalize_by(c, in, out, [&](const auto& spread, const auto&, Index) {
    return 1 / (std::sqrt(static_cast<double>(spread.biased_variance())) + c.eps);
  });
}

/// E[x^2] - E[x]^2, in the type of the values.
void variance_in_one_pass(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  normalize_by(c, in, out,
               [&]<class T, std::size_t Rank>(const ChannelSpread<T>& spread, const TensorView<const T, Rank>& input,
                                              Index channel) {
                 T squares = 0;
                 for (Index n = 0; n < c.batch; ++n) {
                   for (const auto& at : positions(input.spatial())) {
                     const T value = input(n, channel, at);
                     squares += value * value;
                   }
                 }
                 return 1 / std::sqrt(static_cast<double>(squares / spread.count - spread.mean * spread.mean) + c.eps);
               });
}

void biased_variance_kept(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  right(c, in, out);
  if (!c.train || !c.stats) return;
  dispatch_batch_norm(c, [&]<class T, std::size_t Rank>() {
    const auto before = find(in, "running_var")->template view<const T, 1>();
    const auto after = find(out, "running_var")->template view<T, 1>();
    const T momentum = static_cast<T>(c.momentum);
    for (Index channel = 0; channel < c.channels; ++channel) {
      const T biased = channel_spread<double>(in[0].view<const T, Rank>(), channel).biased_variance();
      after(channel) = momentum * biased + (1 - momentum) * before(channel);
    }
  });
}

/// Statistics and weights of channel `x % C` at column x, as broadcasting along the last axis gives.
void channels_along_last_axis(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  right(c, in, out);
  dispatch_batch_norm(c, [&]<class T, std::size_t Rank>() {
    const auto input = in[0].view<const T, Rank>();
    const auto output = out[0].view<T, Rank>();
    if constexpr (Rank > 2) {
      // Each channel's column of each plane, computed with the values of another channel.
      const auto channels = channels_of<T>(c, in, out);
      for (const auto& at : positions(output.extents)) {
        const Index channel = at[Rank - 1] % c.channels;
        T mean, inverse;
        if (c.train) {
          const auto spread = channel_spread<double>(input, channel);
          mean = spread.mean;
          inverse = training_inverse(spread.biased_variance(), c.eps);
        } else {
          mean = (*channels.running_mean)(channel);
          inverse = 1 / std::sqrt((*channels.running_var)(channel) + static_cast<T>(c.eps));
        }
        const T scale = inverse * (channels.weight ? (*channels.weight)(channel) : T{1});
        output(at) = input(at) * scale + ((channels.bias ? (*channels.bias)(channel) : T{0}) - mean * scale);
      }
    }
  });
}

constexpr Mistake table[] = {
    {"unbiased_variance_normalizes", "the batch is divided by the deviation with n - 1", "pytorch/pytorch#3122",
     nullptr, unbiased_variance_normalizes},
    {"biased_variance_kept", "running_var takes the variance with n", "ml-explore/mlx#3817", nullptr,
     biased_variance_kept},
    {"momentum_reversed", "momentum is the part of the old statistics", "d2l-ai/d2l-en#2213", momentum_reversed},
    {"eps_outside_the_root", "eps is added to the deviation, not to the variance", "Tencent/ncnn#311", nullptr,
     eps_outside_the_root},
    {"eps_forgotten", "eps is not added", "chainer/chainer#2149", eps_forgotten},
    {"channels_along_last_axis", "per-channel values are broadcast over the last axis", "tensorlayer/TensorLayer#963",
     nullptr, channels_along_last_axis},
    {"running_statistics_in_training", "training normalizes by the running statistics", "apache/systemds#390", nullptr,
     running_statistics_in_training},
    {"batch_statistics_in_evaluation", "evaluation normalizes by the batch's own statistics", "keras-team/keras#81",
     batch_statistics_in_evaluation},
    {"statistics_of_each_image", "every image is normalized by itself, as instance norm does", "sonos/tract#2863",
     nullptr, statistics_of_each_image},
    {"variance_in_one_pass", "E[x^2] - E[x]^2, which cancels", "google/flax#1491", nullptr, variance_in_one_pass},
    {"affine_forgotten", "weight and bias have no effect", "apache/tvm#14857", affine_forgotten},
    {"weight_and_bias_swapped", "weight and bias change places", "keras-team/keras#3248", weight_and_bias_swapped},
};

}  // namespace

constinit const std::span<const Mistake> batch_norm_mistakes = table;

}  // namespace refloop
