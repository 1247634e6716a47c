// What the files of batch norm share: its loops, called with the tensors of a case.
#pragma once

#include <span>
#include <vector>

#include "check/dispatch.h"
#include "kernels/batch_norm_loops.h"
#include "refloop/check.h"

namespace refloop {

extern const std::span<const Way> batch_norm_mistakes;
std::vector<Sweep> batch_norm_sweeps();

/// Whether the case has running statistics at all: evaluation always does.
inline bool has_running(const Case& c) {
  return !c.train || c.stats;
}

/// Calls `body.operator()<T, Rank>()`; N x C has rank 2.
template <class Body>
void dispatch_batch_norm(const Case& c, Body&& body) {
  dispatch(Types<double, float>{}, c.dtype, [&]<class T>() {
    if (c.dims == 0) return body.template operator()<T, 2>();
    dispatch_rank(c.dims, [&]<std::size_t Rank>() { body.template operator()<T, Rank>(); });
  });
}

/// The per-channel values of a case. Training updates the outputs' copies; evaluation only reads.
template <class T>
BatchNormChannels<T> channels_of(const Case& c, Tensors in, Outputs out) {
  BatchNormChannels<T> channels;
  if (const AnyTensor* weight = find(in, "weight")) channels.weight = weight->view<T, 1>();
  if (const AnyTensor* bias = find(in, "bias")) channels.bias = bias->view<T, 1>();
  if (!has_running(c)) return channels;
  const auto running = [&](std::string_view name) {
    AnyTensor tensor = c.train ? *find(out, name) : *find(in, name);
    return tensor.view<T, 1>();
  };
  channels.running_mean = running("running_mean");
  channels.running_var = running("running_var");
  return channels;
}

/// Training updates the running statistics in place: outputs begin as what comes in.
inline void running_as_given(const Case& c, Tensors in, Outputs out) {
  dispatch(Types<double, float>{}, c.dtype, [&]<class T>() {
    for (AnyTensor& updated : out.subspan(1)) {
      const auto before = find(in, updated.name)->template view<T, 1>();
      for (Index channel = 0; channel < c.channels; ++channel) updated.view<T, 1>()(channel) = before(channel);
    }
  });
}

/// Sums in T where `in_type` says so, or where each image has one value per channel, else in double.
template <class Inverse>
void run_batch_norm(const Case& c, bool in_type, Tensors in, Outputs out) {
  running_as_given(c, in, out);
  dispatch_batch_norm(c, [&]<class T, std::size_t Rank>() {
    const auto input = in[0].view<T, Rank>();
    const auto channels = channels_of<T>(c, in, out);
    const BatchNormSettings settings{.training = c.train, .momentum = c.momentum, .eps = c.eps};
    const auto output = out[0].view<T, Rank>();
    if (in_type || volume(input.spatial()) == 1) {
      batch_norm_loops<InOrder<T>, Inverse>(input, channels, settings, output);
    } else {
      batch_norm_loops<InOrder<double>, Inverse>(input, channels, settings, output);
    }
  });
}

}  // namespace refloop
