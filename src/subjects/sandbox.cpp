#include "subjects/sandbox.h"

#include <unistd.h>

#include <cstdlib>

#ifdef REFLOOP_SECCOMP
#include <seccomp.h>
#include <sys/prctl.h>

#include <cerrno>
#include <csignal>
#endif

namespace refloop::subjects {

#ifdef REFLOOP_SECCOMP
namespace {

constexpr int denied[] = {
    // files
    SCMP_SYS(open), SCMP_SYS(openat), SCMP_SYS(openat2), SCMP_SYS(creat), SCMP_SYS(open_by_handle_at), SCMP_SYS(unlink),
    SCMP_SYS(unlinkat), SCMP_SYS(rename), SCMP_SYS(renameat), SCMP_SYS(renameat2), SCMP_SYS(link), SCMP_SYS(linkat),
    SCMP_SYS(symlink), SCMP_SYS(symlinkat), SCMP_SYS(mkdir), SCMP_SYS(mkdirat), SCMP_SYS(rmdir), SCMP_SYS(mknod),
    SCMP_SYS(mknodat), SCMP_SYS(truncate), SCMP_SYS(chmod), SCMP_SYS(fchmodat), SCMP_SYS(chown), SCMP_SYS(fchownat),
    SCMP_SYS(lchown), SCMP_SYS(chroot), SCMP_SYS(mount), SCMP_SYS(umount2), SCMP_SYS(pivot_root),
    SCMP_SYS(io_uring_setup),
    // programs and processes
    SCMP_SYS(execve), SCMP_SYS(execveat), SCMP_SYS(fork), SCMP_SYS(vfork),
    // other processes
    SCMP_SYS(ptrace), SCMP_SYS(process_vm_readv), SCMP_SYS(process_vm_writev), SCMP_SYS(process_madvise),
    SCMP_SYS(pidfd_open), SCMP_SYS(pidfd_getfd), SCMP_SYS(pidfd_send_signal), SCMP_SYS(kcmp), SCMP_SYS(tkill),
    SCMP_SYS(rt_sigqueueinfo), SCMP_SYS(rt_tgsigqueueinfo), SCMP_SYS(setpgid), SCMP_SYS(setsid),
    SCMP_SYS(perf_event_open), SCMP_SYS(bpf), SCMP_SYS(userfaultfd), SCMP_SYS(unshare), SCMP_SYS(setns),
    // the network, and sockets that hand over descriptors
    SCMP_SYS(socket), SCMP_SYS(connect), SCMP_SYS(bind), SCMP_SYS(listen), SCMP_SYS(accept), SCMP_SYS(accept4),
    SCMP_SYS(sendmsg), SCMP_SYS(recvmsg)};

/// Signals go to this process only, which is how abort() comes.
int deny_signals_to_others(scmp_filter_ctx filter, int call) {
  const auto self = static_cast<scmp_datum_t>(getpid());
  const scmp_arg_cmp is_other{.arg = 0, .op = SCMP_CMP_NE, .datum_a = self, .datum_b = 0};
  return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 1, is_other);
}

}  // namespace

bool can_sandbox() {
  return true;
}

void enter_sandbox() {
  const scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
  int failed = filter == nullptr ? 1 : 0;
  for (const int call : denied) failed |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), call, 0);
  failed |= deny_signals_to_others(filter, SCMP_SYS(kill));
  failed |= deny_signals_to_others(filter, SCMP_SYS(tgkill));
  // A new process is a clone that is no thread. What clone3 is told lies in memory that no filter can read: without it
  // glibc falls back to clone.
  constexpr scmp_datum_t thread = 0x00010000;  // CLONE_THREAD
  const scmp_arg_cmp is_no_thread{.arg = 0, .op = SCMP_CMP_MASKED_EQ, .datum_a = thread, .datum_b = 0};
  failed |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1, is_no_thread);
  failed |= seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
  failed |= seccomp_load(filter);
  seccomp_release(filter);
  if (failed != 0) _exit(EXIT_FAILURE);
}
#else
bool can_sandbox() {
  return false;
}

void enter_sandbox() {
  _exit(EXIT_FAILURE);
}
#endif

}  // namespace refloop::subjects
