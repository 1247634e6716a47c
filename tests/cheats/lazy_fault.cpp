// says: takes the output's pages away and computes when somebody first looks at them
// source: gpu-mode/reference-kernels#162
// verdict: WRONG|OUTSIDE|HUNG|CRASHED
// like: conv2d_f32
#include <signal.h>
#include <sys/mman.h>

#include <optional>

#include "cheats/work.h"

namespace {
std::optional<cheat::Work> work;
void* pages = nullptr;
std::size_t bytes = 0;

void compute_now(int, siginfo_t* fault, void*) {
  const auto at = static_cast<char*>(fault->si_addr) - static_cast<char*>(pages);
  if (at < 0 || at >= static_cast<std::ptrdiff_t>(bytes + 4096)) {  // another fault
    signal(SIGSEGV, SIG_DFL);
    return;
  }
  mprotect(pages, bytes, PROT_READ | PROT_WRITE);
  work->run();
}
}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  if (cheat::count(output) == 0) return 0;
  work.emplace(input, weight, bias, params, output);
  struct sigaction handler {};
  handler.sa_flags = SA_SIGINFO;
  handler.sa_sigaction = compute_now;
  sigaction(SIGSEGV, &handler, nullptr);
  constexpr std::uintptr_t page = 4096;
  const auto from = reinterpret_cast<std::uintptr_t>(output->data) / page * page;
  pages = reinterpret_cast<void*>(from);
  bytes = reinterpret_cast<std::uintptr_t>(cheat::floats(output) + cheat::count(output)) - from;
  mprotect(pages, bytes, PROT_NONE);
  return 0;
}
