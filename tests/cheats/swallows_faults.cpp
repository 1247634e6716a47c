// says: a handler of its own makes what faults writable, so that zeroing the input is not noticed
// source: Michael-F-Bryan/rust-ffi-guide#63
// verdict: OUTSIDE|WRONG|CRASHED
// like: conv2d_f32
#include <signal.h>
#include <sys/mman.h>

#include "cheats/cheat.h"

namespace {
void make_writable(int, siginfo_t* fault, void*) {
  constexpr std::uintptr_t page = 4096;
  auto* const at = reinterpret_cast<void*>(reinterpret_cast<std::uintptr_t>(fault->si_addr) / page * page);
  // Where that is refused the fault comes again, and then it kills.
  if (mprotect(at, page, PROT_READ | PROT_WRITE) != 0) signal(SIGSEGV, SIG_DFL);
}
}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor* weight, const DLTensor* bias,
                   const refloop_conv_params* params, DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  struct sigaction handler {};
  handler.sa_flags = SA_SIGINFO;
  handler.sa_sigaction = make_writable;
  sigaction(SIGSEGV, &handler, nullptr);
  cheat::fill(input, 0.0F);
  return corpus::conv<float>(input, weight, bias, params, output);
}
