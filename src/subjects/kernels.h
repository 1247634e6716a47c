// What a worker runs: somebody's kernels, loaded in the worker's own process. Each way to load them is a function and a
// line of the table; the rest of the worker is the same for all.
#pragma once

#include <functional>
#include <set>
#include <span>
#include <string>
#include <string_view>

#include "refloop/check.h"

namespace refloop::subjects {

/// What became of a call from inside, where no signal ended it: `exact` says that outputs are written.
struct Answer {
  Verdict instead = Verdict::exact;  // or skipped, wrong, unstable, outside, crashed
  std::string reason = {};
};

struct Kernels {
  std::set<std::string> operators;  // conv2d, max_pool2d, ...: what is to be had
  /// Computes a case into the outputs, which come poisoned. Whatever it throws is caught, and counts as crashed.
  std::function<Answer(const Case&, Tensors in, Outputs out)> call;
};

/// `words` say what to load, as they stand on the worker's command line. Raises Error, with the whole sentence, where
/// it can't be had.
struct Loader {
  std::string_view name;
  Kernels (*load)(std::span<const std::string> words);
};

}  // namespace refloop::subjects
