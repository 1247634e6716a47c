// A shared library behind refloop/plugin.h as a subject.
#pragma once

#include <string>
#include <vector>

#include "subjects/kernels.h"
#include "subjects/pool.h"
#include "subjects/worker.h"

namespace refloop::subjects {

/// Each case is run twice, in workers of its own. Raises Error where the library can't be loaded, or exports no
/// function that is known. From here on nobody but the system's administrator may read or trace the judging process
/// (PR_SET_DUMPABLE).
Pool open_library(const std::string& path, const ProcessOptions& options = {});

/// What a loader's words and the file's path behind them give, as a subject of that name.
Pool open_file(const std::string& path, const std::string& name, std::vector<std::string> words,
               const ProcessOptions& options);

/// In the worker: the functions of plugin.h that the library of that path exports.
Kernels load_library(std::span<const std::string> words);

}  // namespace refloop::subjects
