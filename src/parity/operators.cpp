#include "parity/operators.h"

#include <ATen/Context.h>
#include <ATen/Functions.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <c10/util/Logging.h>
#include <c10/util/StringUtil.h>
#include <dlfcn.h>
#include <torch/version.h>

#include <algorithm>
#include <filesystem>
#include <optional>
#include <set>
#include <sstream>

#include "parity/operator_call.h"
#include "parity/operator_schema.h"
#include "parity/torch_tensors.h"

namespace refloop::parity {
namespace {

struct Asked {
  std::string library, torch_operator;
  std::vector<std::string> operators;
  std::string device;
  std::map<std::string, std::string> mapped;
};

Asked asked_by(std::span<const std::string> words) {
  Asked asked{.library = words.back(), .torch_operator = words[0], .operators = {}, .device = words[2], .mapped = {}};
  std::istringstream operators(words[1]);
  for (std::string name; operators >> name;) asked.operators.push_back(name);
  constexpr std::size_t fixed = 3;
  for (const std::string& word : words.subspan(fixed, words.size() - fixed - 1)) {
    const auto equals = word.find('=');
    asked.mapped[word.substr(0, equals)] = word.substr(equals + 1);
  }
  return asked;
}

std::string full_name(const c10::OperatorName& name) {
  return name.overload_name.empty() ? name.name : name.name + "." + name.overload_name;
}

std::set<std::string> registered() {
  std::set<std::string> names;
  for (const c10::OperatorName& name : c10::Dispatcher::singleton().getAllOpNames()) names.insert(full_name(name));
  return names;
}

/// The file that an address of LibTorch's own stands in.
std::filesystem::path torch_file() {
  Dl_info found{};
  dladdr(reinterpret_cast<void*>(&at::globalContext), &found);
  return found.dli_fname;
}

/// A module of Python's, which is loaded without it here, lacks what only Python calls.
bool lacks_only_python(const std::string& why) {
  return why.find("undefined symbol: Py") != std::string::npos;
}

/// Loads the library; gives what it registered. One that was linked without LibTorch finds it all the same.
std::vector<std::string> load(const std::string& path) {
  const std::set<std::string> before = registered();
  dlopen(torch_file().c_str(), RTLD_NOW | RTLD_NOLOAD | RTLD_GLOBAL);
  if (dlopen(path.c_str(), RTLD_NOW | RTLD_LOCAL) == nullptr) {
    const std::string why = dlerror();
    if (!lacks_only_python(why) || dlopen(path.c_str(), RTLD_LAZY | RTLD_LOCAL) == nullptr) {
      throw Error(c10::str("can't load ", path, ": ", why));
    }
  }
  std::vector<std::string> added;
  for (const std::string& name : registered()) {
    if (!before.contains(name)) added.push_back(name);
  }
  return added;
}

std::optional<c10::OperatorHandle> found(const std::string& name) {
  const auto dot = name.find('.');
  const c10::OperatorName wanted(name.substr(0, dot), dot == std::string::npos ? "" : name.substr(dot + 1));
  const auto handle = c10::Dispatcher::singleton().findSchema(wanted);
  return handle ? std::optional(*handle) : std::nullopt;
}

std::string schema_of(const std::string& name) {
  const auto handle = found(name);
  return handle ? c10::toString(handle->schema()) : name;
}

/// The operator's name, or where it has one overload alone, that one.
c10::OperatorHandle find_operator(const Asked& asked, const std::vector<std::string>& added) {
  if (const auto handle = found(asked.torch_operator)) return *handle;
  std::vector<std::string> overloads;
  for (const std::string& name : registered()) {
    if (name.starts_with(asked.torch_operator + ".")) overloads.push_back(name);
  }
  if (overloads.size() == 1) return *found(overloads.front());
  if (!overloads.empty()) {
    throw Error(c10::str("which overload of ", asked.torch_operator, "? There are ", c10::Join(", ", overloads)));
  }
  throw Error(c10::str("there is no operator ", asked.torch_operator, "; ", asked.library, " registers ",
                       added.empty() ? "none" : c10::Join(", ", added)));
}

/// What an operator is to refloop: conv2d, or with three dims all of conv.
struct Meant {
  const Family* family = nullptr;
  std::vector<int> dims;
};

Meant operators_named(const std::vector<std::string>& names) {
  Meant meant;
  for (const Family* family : families) {
    for (int dims = 1; dims <= 3; ++dims) {
      const bool is_named = std::any_of(names.begin(), names.end(), [&](const std::string& name) {
        return name == family->name || name == operator_name(*family, dims);
      });
      if (!is_named || (meant.family != nullptr && meant.family != family)) continue;
      meant.family = family;
      meant.dims.push_back(dims);
    }
  }
  return meant;
}

/// mylib::conv2d.out is a conv2d.
std::string own_name(const std::string& name) {
  const auto start = name.rfind(':') + 1;
  return name.substr(start, name.find('.', start) - start);
}

Meant meant_by(const Asked& asked) {
  Meant meant = operators_named({own_name(asked.torch_operator)});
  if (meant.family == nullptr) meant = operators_named(asked.operators);
  if (meant.family == nullptr) {
    throw Error(c10::str("by its name ", asked.torch_operator,
                         " is no operator that refloop has; say which it is, as in --op conv2d"));
  }
  return meant;
}

/// CUDA is loaded before LibTorch first asks for it. Raises Error where the device can't hold a tensor.
c10::Device device_of(const std::string& name) {
  const auto cuda = torch_file().replace_filename("libtorch_cuda.so");
  try {
    const c10::Device device(name);
    if (device.is_cuda()) dlopen(cuda.c_str(), RTLD_NOW | RTLD_GLOBAL);
    if (!device.is_cuda() || at::globalContext().hasCUDA()) {
      at::zeros({1}, at::TensorOptions(device));
      return device;
    }
  } catch (const std::exception& error) {
    throw Error(c10::str("--device ", name, ": ", first_line(error)));
  }
  throw Error(c10::str("--device ", name, ": there is no CUDA device that LibTorch ", TORCH_VERSION, " can use",
                       std::filesystem::exists(cuda) ? "" : ": it is built without CUDA"));
}

/// Raises Error with what the library registers, and the line to go on with.
[[noreturn]] void list(const std::string& library, std::vector<std::string> added) {
  const auto others = std::stable_partition(added.begin(), added.end(), [](const std::string& name) {
    return operators_named({own_name(name)}).family != nullptr;
  });
  std::string text =
      c10::str(library, " exports none of the functions of refloop/plugin.h, but registers torch operators:");
  constexpr std::size_t most_letters = 1500;
  std::size_t told = 0;
  for (; told < added.size() && text.size() < most_letters; ++told) text += "\n  " + schema_of(added[told]);
  if (told < added.size()) text += c10::str("\n  and ", added.size() - told, " more");
  throw Error(
      c10::str(text, "\ncheck one with --torch-op ", added.front(), others == added.begin() ? " --op OPERATOR" : ""));
}

}  // namespace

void refloop_torch_operator(std::span<const std::string> words, subjects::Kernels& kernels) {
  // A refusal would spend milliseconds on a stack that nobody reads.
  c10::SetStackTraceFetcher(std::function<std::string()>([] { return std::string(); }));
  const Asked asked = asked_by(words);
  const c10::Device device = device_of(asked.device);
  const std::vector<std::string> added = load(asked.library);
  if (asked.torch_operator.empty()) {
    if (!added.empty()) list(asked.library, added);
    return;
  }
  const c10::OperatorHandle handle = find_operator(asked, added);
  const Meant meant = meant_by(asked);
  const Operator one{.handle = handle,
                     .matched = match(handle.schema(), *meant.family, meant.dims.front(), asked.mapped),
                     .device = device};
  for (const int dims : meant.dims) kernels.operators.insert(operator_name(*meant.family, dims));
  kernels.call = [one](const Case& c, Tensors in, Outputs out) { return call(one, c, in, out); };
}

}  // namespace refloop::parity
