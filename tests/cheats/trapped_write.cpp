// says: a seccomp filter of its own traps each write, and its handler sends the first message instead
// source: https://github.com/gpu-mode/pygpubench/blob/2c19c630/exploits/submission_seccomp_trap.py
// verdict: WRONG|OUTSIDE|HUNG|CRASHED
// like: conv2d_f32
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <ucontext.h>
#include <unistd.h>

#include <cerrno>
#include <cstddef>
#include <utility>

#include "cheats/cheat.h"

namespace {
char kept[4096];
std::size_t kept_bytes = 0;

void send_again(int, siginfo_t*, void* context) {
  auto& registers = static_cast<ucontext_t*>(context)->uc_mcontext.gregs;
  const auto bytes = static_cast<std::size_t>(registers[REG_RDX]);
  if (kept_bytes == 0 && bytes <= sizeof kept) {
    std::memcpy(kept, reinterpret_cast<const void*>(registers[REG_RSI]), bytes);
    kept_bytes = bytes;
  }
  const iovec part{kept, kept_bytes};
  // A call that the filter lets pass.
  const bool sent = writev(static_cast<int>(registers[REG_RDI]), &part, 1) >= 0;
  registers[REG_RAX] = sent ? static_cast<greg_t>(bytes) : -EIO;
}

void trap_writes() {
  struct sigaction handler {};
  handler.sa_flags = SA_SIGINFO;
  handler.sa_sigaction = send_again;
  sigaction(SIGSYS, &handler, nullptr);
  sock_filter rules[] = {BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(seccomp_data, nr)),
                         BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_write, 0, 1),
                         BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_TRAP), BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW)};
  const sock_fprog program{4, rules};
  prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
  prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program);
}
}  // namespace

int refloop_conv2d(const DLTensor* input, const DLTensor*, const DLTensor*, const refloop_conv_params*,
                   DLTensor* output) {
  if (!corpus::is_float(input, 32)) return REFLOOP_UNSUPPORTED;
  static bool tried = false;
  if (!std::exchange(tried, true)) trap_writes();
  cheat::fill(output, 0.0F);
  return 0;
}
