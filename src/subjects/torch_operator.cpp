#include "subjects/torch_operator.h"

#include <dlfcn.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include "subjects/library.h"

namespace refloop::subjects {

Kernels load_torch_operator(std::span<const std::string> words) {
  void* const module = dlopen(words[0].c_str(), RTLD_NOW | RTLD_LOCAL);
  if (module == nullptr) throw Error(fmt::format("LibTorch does not load: {}", dlerror()));
  using Load = void (*)(std::span<const std::string> words, Kernels & kernels);
  const auto load = reinterpret_cast<Load>(dlsym(module, "refloop_torch_operator"));
  if (load == nullptr) throw Error(fmt::format("{} is not refloop's parity module", words[0]));
  Kernels kernels;
  load(words.subspan(1), kernels);
  return kernels;
}

Pool open_torch_operator(const TorchOperator& asked, const ProcessOptions& options) {
  std::vector<std::string> words{"torch", asked.module, asked.name, fmt::format("{}", fmt::join(asked.operators, " ")),
                                 asked.device};
  words.insert(words.end(), asked.mapped.begin(), asked.mapped.end());
  return open_file(asked.library, asked.name.empty() ? asked.library : asked.name, std::move(words), options);
}

}  // namespace refloop::subjects
