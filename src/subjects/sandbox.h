// What a kernel under --sandbox can't do: open files, start programs or processes, trace, signal or read others, use
// the network. Threads and memory are left to it.
#pragma once

namespace refloop::subjects {

/// Whether this build can: it takes libseccomp.
bool can_sandbox();
/// For the rest of the process' life. Ends the process where it can't be had.
void enter_sandbox();

}  // namespace refloop::subjects
