// A subject as its own oracle: its bits must not hang on what the numbers do not.
#pragma once

#include "refloop/check.h"

namespace refloop {

/// Runs the subject on the case, then: once more elsewhere in memory, on each image alone (where images do not meet, as
/// they do in the statistics of batch norm in training), in each of the subject's own variations (other threads), and,
/// where it takes them, on tensors that begin elsewhere or, where they lie dense, have gaps. EXACT where all bits
/// agree; else UNSTABLE, and the reason names each that does not. No reference is computed.
Result judge_invariance(Prepared& prepared, const Subject& subject);

}  // namespace refloop
