#include <algorithm>
#include <cmath>

#include "families/batch_norm.h"
#include "families/orders.h"
#include "families/views.h"

namespace refloop {
namespace {

using Inputs = std::vector<AnyTensor>;

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
  drop(in, "weight");
  drop(in, "bias");
}

void weight_and_bias_swapped(Case& c, Inputs& in) {
  if (c.affine) std::swap(in[1].data, in[2].data);
}

void running_statistics_in_training(const Case& c, const Way& right, Tensors in, Outputs out) {
  right(c, in, out);
  if (!c.train || !c.stats) return;
  Case evaluating = c;
  evaluating.train = false;
  right(evaluating, in, out.first(1));
}

/// Every image normalized by itself.
void statistics_of_each_image(const Case& c, const Way& right, Tensors in, Outputs out) {
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

/// The unbiased variance in place of the biased one.
struct UnbiasedInverse {
  template <class T>
  static T of(const ChannelSpread<T>& spread, double eps) {
    return static_cast<T>(1 / std::sqrt(static_cast<double>(spread.kept_variance()) + eps));
  }
};

struct EpsOutsideTheRoot {
  template <class T>
  static T of(const ChannelSpread<T>& spread, double eps) {
    return static_cast<T>(1 / (std::sqrt(static_cast<double>(spread.biased_variance())) + eps));
  }
};

/// Training with another 1 / deviation, and sums in the type where the right loops have them.
template <class Inverse>
void normalizes_by(const Case& c, const Way& right, Tensors in, Outputs out) {
  run_batch_norm<Inverse>(c, &right == channels_last_order(c), in, out);
}

/// E[x^2] - E[x]^2, in the type of the values: with it the right loops normalize as they do in evaluation.
void variance_in_one_pass(const Case& c, const Way& right, Tensors in, Outputs out) {
  right(c, in, out);
  if (!c.train) return;
  Inputs by_one_pass(in.begin(), in.end());
  drop(by_one_pass, "running_mean");
  drop(by_one_pass, "running_var");
  by_one_pass.push_back(make_tensor("running_mean", c.dtype, {c.channels}));
  by_one_pass.push_back(make_tensor("running_var", c.dtype, {c.channels}));
  dispatch_batch_norm(c, [&]<class T, std::size_t Rank>() {
    const auto input = in[0].view<T, Rank>();
    for (Index channel = 0; channel < c.channels; ++channel) {
      InOrder<T> sum, squares;
      Index count = 0;
      for (const auto& at : positions(input.extents)) {
        if (at[1] != channel) continue;
        sum.plus(input(at));
        squares.plus(input(at) * input(at));
        ++count;
      }
      const T mean = sum.result() / static_cast<T>(count);
      by_one_pass[by_one_pass.size() - 2].view<T, 1>()(channel) = mean;
      by_one_pass.back().view<T, 1>()(channel) = squares.result() / static_cast<T>(count) - mean * mean;
    }
  });
  Case evaluating = c;
  evaluating.train = evaluating.stats = false;
  right(evaluating, by_one_pass, out.first(1));
}

void biased_variance_kept(const Case& c, const Way& right, Tensors in, Outputs out) {
  right(c, in, out);
  if (!c.train || !c.stats) return;
  dispatch_batch_norm(c, [&]<class T, std::size_t Rank>() {
    const auto before = find(in, "running_var")->template view<T, 1>();
    const auto after = find(out, "running_var")->template view<T, 1>();
    const T momentum = static_cast<T>(c.momentum);
    for (Index channel = 0; channel < c.channels; ++channel) {
      const T biased = channel_spread<InOrder<double>>(in[0].view<T, Rank>(), channel).biased_variance();
      after(channel) = momentum * biased + (1 - momentum) * before(channel);
    }
  });
}

void running_statistics_never_updated(const Case& c, const Way& right, Tensors in, Outputs out) {
  right(c, in, out);
  for (AnyTensor& updated : out.subspan(1)) updated = copy(*find(in, updated.name));
}

/// Statistics and weights of channel `x % C` at column x, as broadcasting along the last axis gives.
void channels_along_last_axis(const Case& c, const Way& right, Tensors in, Outputs out) {
  right(c, in, out);
  dispatch_batch_norm(c, [&]<class T, std::size_t Rank>() {
    if constexpr (Rank > 2) {
      const auto input = in[0].view<T, Rank>();
      const auto output = out[0].view<T, Rank>();
      auto channels = channels_of<T>(c, in, out);
      if (c.train) channels.running_mean = channels.running_var = {};  // updated already
      const BatchNormSettings settings{.training = c.train, .momentum = c.momentum, .eps = c.eps};
      std::vector<ChannelLine<T>> lines;
      for (Index channel = 0; channel < c.channels; ++channel) {
        lines.push_back(channel_line<InOrder<double>, InverseDeviation>(input, channels, channel, settings));
      }
      for (const auto& at : positions(output.extents)) {
        const auto& [scale, shift] = lines[static_cast<std::size_t>(at[Rank - 1] % c.channels)];
        output(at) = input(at) * scale + shift;
      }
    }
  });
}

constexpr Way table[] = {
    {"unbiased_variance_normalizes", "the batch is divided by the deviation with n - 1", "pytorch/pytorch#3122",
     normalizes_by<UnbiasedInverse>},
    {"biased_variance_kept", "running_var takes the variance with n", "ml-explore/mlx#3817", biased_variance_kept},
    {"momentum_reversed", "momentum is the part of the old statistics", "d2l-ai/d2l-en#2213", nullptr,
     momentum_reversed},
    {"eps_outside_the_root", "eps is added to the deviation, not to the variance", "Tencent/ncnn#311",
     normalizes_by<EpsOutsideTheRoot>},
    {"eps_forgotten", "eps is not added", "chainer/chainer#2149", nullptr, eps_forgotten},
    {"channels_along_last_axis", "per-channel values are broadcast over the last axis", "tensorlayer/TensorLayer#963",
     channels_along_last_axis},
    {"running_statistics_in_training", "training normalizes by the running statistics", "apache/systemds#390",
     running_statistics_in_training},
    {"batch_statistics_in_evaluation", "evaluation normalizes by the batch's own statistics", "keras-team/keras#81",
     nullptr, batch_statistics_in_evaluation},
    {"statistics_of_each_image", "every image is normalized by itself, as instance norm does", "sonos/tract#2863",
     statistics_of_each_image},
    {"variance_in_one_pass", "E[x^2] - E[x]^2, which cancels", "google/flax#1491", variance_in_one_pass},
    {"affine_forgotten", "weight and bias have no effect", "apache/tvm#14857", nullptr, affine_forgotten},
    {"weight_and_bias_swapped", "weight and bias change places", "keras-team/keras#3248", nullptr,
     weight_and_bias_swapped},
    {"running_statistics_never_updated", "training leaves running_mean and running_var as they were",
     "apache/mxnet#18673", running_statistics_never_updated},
};

}  // namespace

constinit const std::span<const Way> batch_norm_mistakes = table;

}  // namespace refloop
