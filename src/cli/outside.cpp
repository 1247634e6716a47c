#include "cli/outside.h"

#include <fmt/format.h>

#include <chrono>

#include "cli/torch_module.h"
#include "subjects/files.h"
#include "subjects/library.h"
#include "subjects/program.h"
#include "subjects/torch_operator.h"

namespace refloop::cli {
namespace {

Outside outside_of(const std::string& called, const subjects::Pool& pool) {
  return {.called = called, .operators = pool.operators(), .subject = pool.subject()};
}

subjects::Pool open_operator(const OutsideOptions& options, const subjects::ProcessOptions& process) {
  for (const std::string& word : options.mapped) {
    if (word.find('=') == std::string::npos) throw Error(fmt::format("--map takes ARGUMENT=FIELD, not '{}'", word));
  }
  return subjects::open_torch_operator({.module = needed_torch_module_path(),
                                        .library = options.library,
                                        .name = options.torch_operator,
                                        .operators = options.operators,
                                        .device = options.device,
                                        .mapped = options.mapped},
                                       process);
}

/// Of what can't be had as a library of plugin.h it is told which torch operators it registers, if any.
subjects::Pool open_or_list(const std::string& path, const subjects::ProcessOptions& process) {
  try {
    return subjects::open_library(path, process);
  } catch (const Error&) {
    const std::string module = torch_module_path();
    if (!module.empty()) subjects::open_torch_operator({.module = module, .library = path}, process);
    throw;
  }
}

}  // namespace

void add_outside_kernels(CLI::App& group, OutsideOptions& options) {
  group.add_option("--lib", options.library,
                   "a shared library that exports functions of refloop/plugin.h; refloop help plugin lists them");
  group.add_option("--exec", options.program,
                   "a program that is asked case by case, as 'python3 mine.py'; refloop help program says how");
  group.add_option("--dir", options.folder,
                   "a folder that refloop export wrote, with the outputs that a kernel elsewhere put there");
}

void add_torch_operator(CLI::App& command, OutsideOptions& options) {
  auto* const named =
      command
          .add_option("--torch-op", options.torch_operator,
                      "an operator that the library registers with LibTorch, as mylib::conv2d; --op says what it is")
          ->needs(command.get_option("--lib"));
  command
      .add_option("--map", options.mapped,
                  "ARGUMENT=FIELD: what an argument of its schema is, where its name does not say; as pad=padding")
      ->needs(named);
  command.add_option("--device", options.device, "where its tensors go, and come back from: cpu, cuda, cuda:1 (cpu)")
      ->needs(named);
}

void add_outside_settings(CLI::App& command, OutsideOptions& options) {
  command
      .add_option("--time-limit", options.time_limit,
                  "seconds that one call may take (10); a program's first answer six times that")
      ->check(CLI::Range(0.01, 86400.0));
  command.add_flag("--unaligned", options.unaligned, "also tensors that begin anywhere");
  command.add_flag("--sandbox", options.sandbox, "the kernel opens no files, starts no programs, traces nobody");
}

bool names_outside(const OutsideOptions& options) {
  return !options.library.empty() || !options.program.empty() || !options.folder.empty();
}

Outside open_outside(const OutsideOptions& options) {
  if (!options.folder.empty()) {
    const subjects::Files files(options.folder);
    return {
        .called = options.folder, .operators = files.operators(), .subject = files.subject(), .cases = files.cases()};
  }
  const subjects::ProcessOptions process{
      .time_limit = std::chrono::milliseconds(static_cast<int>(options.time_limit * 1000)),
      .sandbox = options.sandbox,
      .unaligned = options.unaligned};
  Outside outside;
  if (!options.torch_operator.empty()) {
    outside = outside_of(options.torch_operator, open_operator(options, process));
  } else if (!options.library.empty()) {
    outside = outside_of(options.library, open_or_list(options.library, process));
  } else {
    const auto [pool, names_operators] = subjects::open_program(options.program, process);
    outside = outside_of(options.program, pool);
    outside.names_operators = names_operators;
  }
  outside.subject.takes_any_start = options.unaligned;
  return outside;
}

std::vector<std::string> outside_option_names() {
  return {"--lib", "--torch-op", "--map", "--device", "--exec", "--dir", "--time-limit"};
}

std::vector<std::string> outside_flag_names() {
  return {"--sandbox", "--unaligned"};
}

}  // namespace refloop::cli
