#include "cli/outside.h"

#include <chrono>

#include "subjects/library.h"

namespace refloop::cli {

void add_outside_kernels(CLI::App& group, OutsideOptions& options) {
  group.add_option("--lib", options.library,
                   "a shared library that exports functions of refloop/plugin.h; refloop help plugin lists them");
}

void add_outside_settings(CLI::App& command, OutsideOptions& options) {
  command.add_option("--time-limit", options.time_limit, "seconds that one call may take (10)")
      ->check(CLI::Range(0.01, 86400.0));
  command.add_flag("--unaligned", options.unaligned, "also tensors that begin anywhere");
  command.add_flag("--sandbox", options.sandbox, "the kernel opens no files, starts no programs, traces nobody");
}

bool names_outside(const OutsideOptions& options) {
  return !options.library.empty();
}

Outside open_outside(const OutsideOptions& options) {
  const subjects::ProcessOptions process{
      .time_limit = std::chrono::milliseconds(static_cast<int>(options.time_limit * 1000)),
      .sandbox = options.sandbox,
      .unaligned = options.unaligned};
  const subjects::Pool pool = subjects::open_library(options.library, process);
  Outside outside{.called = options.library, .operators = pool.operators(), .subject = pool.subject()};
  outside.subject.takes_any_start = options.unaligned;
  return outside;
}

std::vector<std::string> outside_option_names() {
  return {"--lib", "--time-limit"};
}

std::vector<std::string> outside_flag_names() {
  return {"--sandbox", "--unaligned"};
}

}  // namespace refloop::cli
