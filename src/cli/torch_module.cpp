#include "cli/torch_module.h"

#include <dlfcn.h>
#include <fmt/format.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>

namespace refloop::cli {
namespace {

namespace fs = std::filesystem;

template <class Is>
std::size_t index_of_path(Is&& is) {
  const auto* const found = std::find_if(std::begin(parity::paths), std::end(parity::paths), is);
  return static_cast<std::size_t>(found - std::begin(parity::paths));
}

}  // namespace

/// Beside the program in a build folder, in lib/refloop of an installation.
std::string torch_module_path() {
  const fs::path here = fs::read_symlink("/proc/self/exe").parent_path();
  for (const fs::path& place : {here / "refloop_parity.so", here.parent_path() / "lib/refloop/refloop_parity.so"}) {
    if (fs::exists(place)) return place;
  }
  return {};
}

std::string needed_torch_module_path() {
  std::string path = torch_module_path();
  if (path.empty()) {
    throw Error("this refloop was built without LibTorch; cmake/parity.sh builds it with LibTorch");
  }
  return path;
}

const parity::Library& load_torch(bool as_installed) {
  if (!as_installed) {
    for (const auto& [variable, value] : parity::deterministic_environment) setenv(variable, value, 1);
  }
  const std::string path = needed_torch_module_path();
  void* const handle = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (handle == nullptr) {
    throw Error(fmt::format("LibTorch does not load ({}); cmake/parity.sh sets it up again", dlerror()));
  }
  using Open = const parity::Library* (*)();
  const auto open = reinterpret_cast<Open>(dlsym(handle, "refloop_parity_library"));
  if (open == nullptr) throw Error(fmt::format("{} is not refloop's parity module", path));
  return *open();
}

const Subject& speaking_subject(const parity::Library& library) {
  return library.subjects[index_of_path([](const parity::Path& path) { return path.speaks; })];
}

const Subject& subject_in_order(const parity::Library& library) {
  return library.subjects[index_of_path([](const parity::Path& path) { return path.sums_in_order; })];
}

Subject tried_subject(const parity::Library& library, const parity::Path& path) {
  const Subject& subject = library.subjects[index_of_path([&](const parity::Path& one) { return &one == &path; })];
  if (path.sums_in_order) return subject;
  return without_promises(subject, broken_promises(subject, library.summed_by), library.summed_by);
}

std::string loaded_file(const std::string& word) {
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    const auto slash = line.find('/');
    if (slash == std::string::npos) continue;
    std::string file = line.substr(slash);
    if (fs::path(file).filename().string().find(word) != std::string::npos) return file;
  }
  return {};
}

}  // namespace refloop::cli
