// How LibTorch computes each family: one file per family, one line per family in the table of library.cpp.
#pragma once

#include <span>
#include <string_view>
#include <vector>

#include "refloop/check.h"

namespace refloop::parity {

using Call = std::vector<AnyTensor> (*)(const Case&, Tensors in);

struct TorchFamily {
  std::string_view name;             // of the engine's family, whose address the module does not know
  Call functional;                   // torch::nn::functional
  Call module;                       // torch::nn
  const Way* (*order)(const Case&);  // that the native path promises
  bool sums_in_onednn;               // whether oneDNN, if on, takes its calls and sums in an order of its own
  /// Whether the native path sums in the BLAS's matrix product; without it, never.
  bool (*sums_in_matrix_product)(const Case&) = nullptr;
  /// Bugs of this LibTorch that a case may meet, as the ways to the same bits.
  std::span<const Way> (*bugs)(const Case&) = nullptr;
};

extern const TorchFamily torch_conv, torch_max_pool, torch_min_pool, torch_avg_pool, torch_batch_norm;

}  // namespace refloop::parity
