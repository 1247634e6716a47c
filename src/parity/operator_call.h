// One case computed by an operator of LibTorch's dispatcher.
#pragma once

#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/core/Device.h>

#include "parity/operator_schema.h"
#include "subjects/kernels.h"

namespace refloop::parity {

/// An operator, and what its arguments and results are.
struct Operator {
  c10::OperatorHandle handle;
  Matched matched;
  c10::Device device;
};

/// Calls it boxed, without gradients. A case that its schema can't say is skipped, and so is one for whose dtype or
/// device it has no kernel; any other exception is an error that it reports.
subjects::Answer call(const Operator& one, const Case& c, Tensors in, Outputs out);

}  // namespace refloop::parity
