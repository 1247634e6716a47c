// An operator that a library registers with LibTorch as a subject. What includes torch stands in refloop's parity
// module, which the worker loads.
#pragma once

#include <string>
#include <vector>

#include "subjects/kernels.h"
#include "subjects/pool.h"
#include "subjects/worker.h"

namespace refloop::subjects {

struct TorchOperator {
  std::string module;                       // path of refloop_parity.so
  std::string library;                      // path of the library that registers it
  std::string name = {};                    // namespace::name; empty: asks which there are
  std::vector<std::string> operators = {};  // what it may be to refloop, where its own name does not say
  std::string device = "cpu";
  std::vector<std::string> mapped = {};  // ARGUMENT=FIELD each
};

/// As open_library. Without a name it raises Error with the list of what the library registers, and has no operators
/// where that is nothing.
Pool open_torch_operator(const TorchOperator& asked, const ProcessOptions& options = {});

/// In the worker: `words` are the module's path, and what its function takes (parity/operators.h).
Kernels load_torch_operator(std::span<const std::string> words);

}  // namespace refloop::subjects
