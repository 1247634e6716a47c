// Loading LibTorch, for the commands that need it.
#pragma once

#include <string>

#include "parity/parity.h"

namespace refloop::cli {

/// The file of the module; empty where this refloop was built without LibTorch.
std::string torch_module_path();
/// The same; raises Error with one sentence where there is none.
std::string needed_torch_module_path();

/// Sets the environment that makes LibTorch deterministic (unless it is to run as installed), then loads the module.
/// Raises Error with one sentence where there is none.
const parity::Library& load_torch(bool as_installed);

/// The subject that speaks for LibTorch where one path does.
const Subject& speaking_subject(const parity::Library& library);

/// The subject that sums in order whatever the BLAS.
const Subject& subject_in_order(const parity::Library& library);

/// The subject on one of parity::paths, without the promises that it was seen to break.
Subject tried_subject(const parity::Library& library, const parity::Path& path);

/// Files of the process's own whose name contains the word: which BLAS the loader took.
std::string loaded_file(const std::string& word);

}  // namespace refloop::cli
