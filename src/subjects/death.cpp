#include "subjects/death.h"

#include <fmt/format.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstring>

#include "check/field.h"

namespace refloop::subjects {
namespace {

std::string signal_name(int signal) {
  const char* const name = sigabbrev_np(signal);
  return name == nullptr ? fmt::format("signal {}", signal) : fmt::format("SIG{}", name);
}

std::string verb(Access access) {
  switch (access) {
    case Access::write:
      return "writes";
    case Access::execute:
      return "jumps to";
    default:
      return "reads";
  }
}

/// `reads 4 bytes past the end of input`.
std::string where_it_faulted(const LastGasp& gasp) {
  const std::string tensor = shown(gasp.tensor.get());
  std::string place = fmt::format("{} {}", gasp.access == Access::write ? "into" : "in", tensor);
  if (gasp.before > 0) place = fmt::format("{} bytes before {}", gasp.before, tensor);
  if (gasp.past > 0) place = fmt::format("{} bytes past the end of {}", gasp.past, tensor);
  switch (gasp.territory) {
    case Territory::null:
      return fmt::format("{} address {:#x} (a null pointer)", verb(gasp.access), gasp.address);
    case Territory::stack:
      return "ran out of stack";
    case Territory::input:
      if (gasp.before + gasp.past > 0) return fmt::format("{} {}", verb(gasp.access), place);
      return fmt::format("{} {}, {}", verb(gasp.access), place,
                         gasp.access == Access::write ? "which is an input" : "where it has been unmapped");
    case Territory::output:
      return fmt::format("{} {}", verb(gasp.access), place);
    case Territory::returned_output:
      return fmt::format("{} {} after the call had returned", verb(gasp.access), place);
    case Territory::earlier_call:
      return fmt::format("{} {} of an earlier call, after that had returned", verb(gasp.access), place);
    default:
      return gasp.address == 0 ? std::string("a misaligned or impossible address")
                               : fmt::format("{} address {:#x}, where nothing is", verb(gasp.access), gasp.address);
  }
}

}  // namespace

Outcome outcome_of_death(int status, const LastGasp& gasp, int log) {
  if (WIFEXITED(status)) {
    const std::string words = last_words(log);
    return {.outputs = {},
            .instead = Verdict::crashed,
            .reason = fmt::format("ended the process, with exit status {}{}{}", WEXITSTATUS(status),
                                  words.empty() ? "" : ": ", words)};
  }
  const int signal = WTERMSIG(status);
  std::string reason = signal_name(signal);
  const bool told = gasp.signal == signal;
  if (told && (signal == SIGSEGV || signal == SIGBUS)) reason += ": " + where_it_faulted(gasp);
  if (told && signal == SIGFPE && gasp.code == FPE_INTDIV) reason += ": divides a whole number by zero";
  if (signal == SIGILL) reason += ": an instruction that this processor does not have";
  if (signal == SIGABRT) {
    const std::string words = last_words(log);
    reason += ": " + (words.empty() ? std::string("abort") : words);
  }
  const bool in_tensors = gasp.territory >= Territory::input;
  const bool outside = told && gasp.access == Access::write && in_tensors;
  return {.outputs = {}, .instead = outside ? Verdict::outside : Verdict::crashed, .reason = reason};
}

std::string last_words(int log) {
  constexpr off_t most = 4000;
  const off_t size = lseek(log, 0, SEEK_END);
  std::string text(static_cast<std::size_t>(std::min(size, most)), ' ');
  if (text.empty() || pread(log, text.data(), text.size(), std::max<off_t>(size - most, 0)) <= 0) return {};
  text.erase(text.find_last_not_of(" \n\r") + 1);
  constexpr std::string_view of_sanitizers = "\nSUMMARY: ";  // behind it comes what tells nothing
  const auto summary = text.rfind(of_sanitizers);
  const auto line = summary == std::string::npos ? text.find_last_of('\n') : summary;
  const std::string words = line == std::string::npos ? text : text.substr(line + 1);
  return shown(words.substr(0, words.find('\n')), 200);
}

}  // namespace refloop::subjects
