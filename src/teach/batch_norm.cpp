// Batch norm, and the two reasons why the notebook's own attempt came out differently.
#include "refloop/batch_norm.h"

#include <fmt/format.h>

#include <cmath>

#include "teach/cases.h"
#include "teach/chapters.h"

namespace refloop::teach {
namespace {

constexpr float eps = 1e-5F;

Tensor<float, 4> notebook_input() {
  return {{2, 2, 2, 2}, {1, 0, 0, 0, /**/ 0, 1, 0, 0, /**/ 0, 1, 2, 3, /**/ 4, 5, 6, 7}};
}

/// (input - mean) / sqrt(variance + eps), the per-channel values looked up by the index on that axis.
Tensor<float, 4> normalized(const Tensor<float, 4>& input, const Tensor<float, 1>& mean,
                            const Tensor<float, 1>& variance, std::size_t axis) {
  Tensor<float, 4> output(input.extents());
  for (const auto& at : positions(input.extents())) {
    output(at) = (input(at) - mean(at[axis])) / std::sqrt(variance(at[axis]) + eps);
  }
  return output;
}

/// LibTorch's training step from running statistics as a new layer has them, and what it leaves of them.
void compare_step(Lesson& lesson, const Tensor<float, 4>& input, const Tensor<float, 1>& weight,
                  const Tensor<float, 1>& bias, const Tensor<float, 4>& output,
                  const RunningStatistics<float>& running) {
  Case c = case_of(family::batch_norm, input);
  c.train = c.affine = c.stats = true;
  const RunningStatistics<float> before(c.channels);
  const AnyTensor inputs[] = {borrowed("input", input), borrowed("weight", weight), borrowed("bias", bias),
                              borrowed("running_mean", before.mean), borrowed("running_var", before.variance)};
  const AnyTensor outputs[] = {borrowed("output", output), borrowed("running_mean", running.mean),
                               borrowed("running_var", running.variance)};
  lesson.compare(c, inputs, outputs, "output and running statistics");
}

constexpr std::size_t channel_axis = 1, last_axis = 3;

}  // namespace

void batch_norm_chapter(Lesson& lesson) {
  const auto input = notebook_input();
  const Tensor<float, 1> weight({2}, 1.0F), bias({2}, 0.0F);
  lesson.say(
      "Batch norm moves and scales each channel so that its values have mean 0 and variance 1, then scales and moves "
      "it again by a weight and a bias per channel, which are learned. A new layer has weights 1 and biases 0. eps "
      "keeps the root away from 0; it is 0.00001:");
  lesson.line("  output = (input - mean) / sqrt(variance + eps) * weight + bias");
  lesson.line();
  lesson.say(
      "Mean and variance are taken over all values of a channel: over all images (axis 0), rows (axis 2) and columns "
      "(axis 3), so in torch dim=(0, 2, 3). Here a channel has 2 * 2 * 2 = 8 values.");
  lesson.show(input, "input");
  lesson.show(weight, "weight");
  lesson.show(bias, "bias");

  const auto statistics = channel_statistics(input);
  const auto& [mean, biased, kept] = statistics;
  lesson.show(mean, "mean");
  lesson.say(
      "The variance is the mean squared distance from the mean. Divided by the number of values it is called biased; "
      "divided by one less, unbiased. Training normalizes by the biased one:");
  lesson.show(biased, "biased variance (squares / 8)");
  lesson.show(kept, "unbiased variance (squares / 7)");

  RunningStatistics<float> running(2);
  const auto output = batch_norm2d(input, weight, bias, &running);
  lesson.show(output, "output");
  lesson.line(fmt::format("first element: (1 - {:.4f}) / sqrt({:.4f} + 0.00001) * 1 + 0 = {:.4f}", mean(0), biased(0),
                          output(0, 0, 0, 0)));
  lesson.line();
  lesson.say(
      "Training also keeps running statistics for later use in evaluation: new = 0.9 * old + 0.1 * batch, from mean 0 "
      "and variance 1 at the start. What is kept is the unbiased variance: two variances in one operator.");
  lesson.show(running.mean, "running mean");
  lesson.show(running.variance, "running variance");
  compare_step(lesson, input, weight, bias, output, running);
  lesson.say("The loops, as they are compiled: first what is counted for a channel, then the operator.");
  lesson.source("src/kernels/batch_norm_loops.h", "channel_spread");
  lesson.source("src/kernels/batch_norm_loops.h", "batch_norm_loops");

  lesson.say(
      "The notebook's attempt was (input - mean) / torch.sqrt(var + m.eps) * w + b with mean = input.mean(dim=(0, 2, "
      "3)) and var = input.var(dim=(0, 2, 3)). Its printout of the two,");
  lesson.line(to_string(mean) + " " + to_string(kept));
  lesson.line();
  lesson.say(
      "shows the first reason why it differs from the layer: torch.var divides by one less than the number of values "
      "unless it is told unbiased=False. With only that mistake:");
  const auto unbiased = normalized(input, mean, kept, channel_axis);
  lesson.show(unbiased, "wrong: unbiased variance");
  lesson.say(fmt::format(
      "Every output is too close to 0, by the factor sqrt(7/8) = {:.4f}: {:.4f} instead of {:.4f} at the start. The "
      "more values, the smaller the error: one that a tolerance lets through.",
      std::sqrt(7.0 / 8), unbiased(0, 0, 0, 0), output(0, 0, 0, 0)));
  lesson.say(
      "The second reason: mean and var have the shape (2), and broadcasting lines shapes up from the last axis. So "
      "the mean of channel 0 is taken from all of column 0, and that of channel 1 from all of column 1. Torch does not "
      "complain because there are as many columns as channels, 2; with 3 columns it would have. With only that "
      "mistake:");
  const auto columns = normalized(input, mean, biased, last_axis);
  lesson.show(columns, "wrong: by column, not by channel");
  const float cell = input(1, 1, 1, 0);
  lesson.say(fmt::format(
      "The {:.0f} of image 1, channel 1, row 1, column 0 should be normalized by channel 1: ({:.0f} - {:.4f}) / "
      "sqrt({:.4f}) = {:.4f}. By column 0 it gets the numbers of channel 0: ({:.0f} - {:.4f}) / sqrt({:.4f}) = {:.4f}.",
      cell, cell, mean(1), biased(1), output(1, 1, 1, 0), cell, mean(0), biased(0), columns(1, 1, 1, 0)));
  lesson.say("Both at once is what the notebook printed last:");
  lesson.show(normalized(input, mean, kept, last_axis), "wrong: both");
  lesson.say(
      "Put right in torch: mean = input.mean(dim=(0, 2, 3), keepdim=True), var = input.var(dim=(0, 2, 3), "
      "keepdim=True, unbiased=False), w.view(1, 2, 1, 1), b.view(1, 2, 1, 1). The layer's last bits still need its "
      "order of roundings, which the head of include/refloop/batch_norm.h gives.");
  constexpr Next after[] = {
      {"refloop parity --case batch_norm2d_n2_c2_i2_train_affine_stats_real", "a training step, judged"},
      {"refloop parity --case batch_norm2d_n2_c2_i2_eval_affine_stats_real", "evaluation, by what was kept"},
      {"refloop notebook dimensions", "the notebook's last cell"}};
  lesson.next(after);
}

}  // namespace refloop::teach
