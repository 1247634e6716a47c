// What the batch norm family shares with its mistakes.
#pragma once

#include <utility>

#include "check/dispatch.h"
#include "refloop/batch_norm.h"
#include "refloop/check.h"

namespace refloop {

/// Whether the case has running statistics at all: evaluation always does.
inline bool has_running(const Case& c) {
  return !c.train || c.stats;
}

/// Calls `body.operator()<T, Rank>()`; an input without spatial size is N x C.
template <class Body>
void dispatch_batch_norm(const Case& c, Body&& body) {
  dispatch(c.dtype, c.dims, [&]<class T, std::size_t Dims>() {
    if constexpr (std::is_floating_point_v<T>) {
      if (c.input[0] == 0) {
        body.template operator()<T, 2>();
      } else {
        body.template operator()<T, Dims + 2>();
      }
    }
  });
}

/// The per-channel values of a case; what training updates are the outputs' copies.
template <class T>
BatchNormChannels<T> channels_of(const Case& c, std::span<const AnyTensor> in, std::span<AnyTensor> out) {
  BatchNormChannels<T> channels;
  if (const AnyTensor* weight = find(in, "weight")) channels.weight = weight->view<const T, 1>();
  if (const AnyTensor* bias = find(in, "bias")) channels.bias = bias->view<const T, 1>();
  if (!has_running(c)) return channels;
  channels.running_mean = (c.train ? find(out, "running_mean") : find(in, "running_mean"))->template view<T, 1>();
  channels.running_var = (c.train ? find(out, "running_var") : find(in, "running_var"))->template view<T, 1>();
  return channels;
}

}  // namespace refloop
