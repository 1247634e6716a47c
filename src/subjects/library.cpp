#include "subjects/library.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <sys/prctl.h>

#include <cstdint>
#include <filesystem>
#include <map>

#include "refloop/plugin.h"
#include "subjects/tvm_ffi.h"

namespace refloop::subjects {
namespace {

/// A name without a slash means the file here, as it does to everybody but dlopen.
std::string path_of(const std::string& path) {
  namespace fs = std::filesystem;
  std::error_code error;
  if (!fs::exists(path, error)) throw Error(fmt::format("there is no file {}", path));
  if (fs::is_directory(path, error)) throw Error(fmt::format("{} is a folder; --lib takes a shared library", path));
  return fs::absolute(path).lexically_normal();
}

using Functions = std::map<std::string, void*>;

Functions functions_of(void* library) {
  Functions functions;
  for (const Family* family : families) {
    for (int dims = 1; dims <= 3; ++dims) {
      const std::string name = operator_name(*family, dims);
      if (void* const symbol = dlsym(library, ("refloop_" + name).c_str())) functions[name] = symbol;
    }
  }
  return functions;
}

/// What a function of plugin.h returned, and what it said of it.
Answer answer_of(int returned, const std::string& reason) {
  if (returned == 0) return {};
  if (returned == REFLOOP_UNSUPPORTED) {
    return {Verdict::skipped, reason.empty() ? "the kernel does not take such a case" : reason};
  }
  return {Verdict::wrong, fmt::format("returned {}{}{}", returned, reason.empty() ? "" : ": ", reason)};
}

}  // namespace

Kernels load_library(std::span<const std::string> words) {
  const std::string& path = words[0];
  void* const library = dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (library == nullptr) throw Error(fmt::format("can't load {}: {}", path, dlerror()));
  const auto* const abi = static_cast<const std::int32_t*>(dlsym(library, "refloop_abi_version"));
  if (abi != nullptr && *abi > REFLOOP_ABI_VERSION) {
    throw Error(fmt::format("{} was built for version {} of refloop/plugin.h; this refloop knows version {}", path,
                            *abi, REFLOOP_ABI_VERSION));
  }
  const auto reason_of = reinterpret_cast<const char* (*)()>(dlsym(library, "refloop_reason"));
  const Functions functions = functions_of(library);
  if (functions.empty()) return tvm_ffi_kernels(library);
  Kernels kernels;
  for (const auto& [name, symbol] : functions) kernels.operators.insert(name);
  kernels.call = [=](const Case& c, Tensors in, Outputs out) {
    const int returned = c.family->plugin(functions.at(operator_name(c)), c, in, out);
    const char* const reason = returned == 0 || reason_of == nullptr ? nullptr : reason_of();
    return answer_of(returned, reason == nullptr ? "" : reason);
  };
  return kernels;
}

Pool open_file(const std::string& path, const std::string& name, std::vector<std::string> words,
               const ProcessOptions& options) {
  prctl(PR_SET_DUMPABLE, 0);
  words.push_back(path_of(path));
  return worker_pool(std::filesystem::path(name).filename(), words, options);
}

Pool open_library(const std::string& path, const ProcessOptions& options) {
  Pool pool = open_file(path, path, {"library"}, options);
  if (!pool.operators().empty()) return pool;
  throw Error(
      fmt::format("{} exports none of the functions of refloop/plugin.h (refloop_conv2d, refloop_max_pool2d, "
                  "...); `refloop help plugin` lists them",
                  path));
}

}  // namespace refloop::subjects
